"""The gate lets a checkpoint through only on figures, and says which figure it minds."""

from __future__ import annotations

import pytest

from generation.gate import Objection, objections

FIT = {
    "asked": "the same",
    "texts": 48,
    "loss": 2.0,
    "coverage": 0.9,
    "values": 400,
    "unsupported": 0,
    "distinct_2": {
        "zh": {"generated": 0.8, "human": 0.9},
        "en": {"generated": 0.7, "human": 0.9},
    },
}


def codes(changes: dict, active: dict | None = FIT) -> list[str]:
    found = objections({"fitness": FIT | changes}, active and {"fitness": active})
    assert all(isinstance(item, Objection) and item.sentence for item in found)
    return [item.code for item in found]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"coverage": 0.9 * 0.981, "loss": 2.0 * 1.019}, []),
        ({"coverage": 0.9 * 0.979}, ["coverage"]),
        ({"loss": 2.0 * 1.021}, ["forgot"]),
        ({"unsupported": 1}, ["unsupported"]),
        ({"distinct_2": {"zh": {"generated": 0.44, "human": 0.9}}}, ["alike_zh"]),
        ({"distinct_2": {"en": {"generated": 0.44, "human": 0.9}}}, ["alike_en"]),
        ({"loss": None}, ["unmeasured"]),
        ({"texts": 0}, ["unmeasured"]),
        ({"asked": "others"}, ["active_unmeasured"]),
        ({"loss": 3.0, "coverage": 0.5, "unsupported": 2}, ["unsupported", "coverage", "forgot"]),
    ],
)
def test_each_rule_on_either_side_of_its_border(changes, expected):
    assert codes(changes) == expected


def test_what_was_not_measured_does_not_pass():
    assert [item.code for item in objections({}, {"fitness": FIT})] == ["unmeasured"]
    assert [item.code for item in objections({"fitness": FIT}, {})] == ["active_unmeasured"]


def test_the_first_checkpoint_has_nobody_to_be_worse_than():
    assert codes({"loss": 9.0}, active=None) == []
    assert codes({"unsupported": 3}, active=None) == ["unsupported"]


def test_an_objection_survives_the_database_and_names_its_figures():
    (objection,) = objections({"fitness": FIT | {"unsupported": 3}})

    assert Objection.from_dict(objection.to_dict()) == objection
    assert objection.sentence == "3 of 48 texts state a number that the brief lacks."
