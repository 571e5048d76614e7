"""Set-up fills what is empty, and leaves alone what a shop has made of it."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command

from catalog.models import Product
from generation.models import Checkpoint


@pytest.fixture(autouse=True)
def _shipped(db, settings, tmp_path):
    settings.GALLEY_STARTER_CHECKPOINT = tmp_path
    (tmp_path / "card.json").write_text(json.dumps({"digest": "d0", "metrics": {}}))


def test_an_empty_galley_gets_a_shop_accounts_and_a_writer(settings, capsys):
    settings.GALLEY_DEMO_PASSWORD = "the-first-one"

    call_command("seed_demo")

    assert Product.objects.count() == 240
    assert Checkpoint.objects.active().get().digest == "d0"
    editor, admin = User.objects.get(username="editor"), User.objects.get(username="admin")
    assert editor.check_password("the-first-one")
    assert editor.has_perm("review.add_decision")
    assert not editor.has_perm("review.change_publication")
    assert not editor.has_perm("review.see_dashboard")
    assert User.objects.get(username="publisher").has_perm("review.see_dashboard")
    assert (editor.is_superuser, admin.is_superuser, User.objects.count()) == (False, True, 4)
    assert "Demo accounts editor, editor2, publisher, admin: " in capsys.readouterr().out


def test_a_password_that_is_given_later_is_set_once(settings, capsys):
    call_command("seed_demo")
    User.objects.filter(username="editor2").delete()
    settings.GALLEY_DEMO_PASSWORD = "another"
    capsys.readouterr()

    call_command("seed_demo")
    said = capsys.readouterr().out
    call_command("seed_demo")

    assert all(user.check_password("another") for user in User.objects.all())
    assert said.startswith("Demo accounts editor, publisher, admin: the password from GALLEY_DEMO")
    assert capsys.readouterr().out == ""
    assert User.objects.count() == 3


def test_what_a_shop_changed_stays_and_its_new_writer_comes(settings, capsys, tmp_path):
    settings.GALLEY_DEMO_PASSWORD = None
    call_command("seed_demo")
    Product.objects.exclude(pk=Product.objects.first().pk).delete()
    User.objects.exclude(username="editor").delete()
    Group.objects.get(name="Editors").permissions.clear()
    (tmp_path / "card.json").write_text(json.dumps({"digest": "d1", "metrics": {}}))
    capsys.readouterr()

    call_command("seed_demo")

    assert Product.objects.count() == 1
    assert User.objects.get().username == "editor"
    assert Group.objects.get(name="Editors").permissions.count() == 0
    assert Checkpoint.objects.active().get().digest == "d1"
    assert capsys.readouterr().out == ""
