"""One query for what somebody may do, with the same answer as Django's two."""

from __future__ import annotations

import copy

import pytest
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser, Group, Permission, User

from config.auth import OneQueryBackend

OWN, SHARED = "view_draft", "add_decision"


@pytest.fixture
def user(db) -> User:
    user = User.objects.create_user("lin")
    user.user_permissions.add(Permission.objects.get(codename=OWN))
    group = Group.objects.create(name="Readers")
    group.permissions.add(Permission.objects.get(codename=SHARED))
    user.groups.add(group)
    return User.objects.get(pk=user.pk)


def both(user) -> tuple[set[str], set[str]]:
    """What each says; of a copy, because a user keeps the first answer."""
    mine = OneQueryBackend().get_all_permissions(copy.copy(user))
    return mine, set(ModelBackend().get_all_permissions(copy.copy(user)))


def test_what_is_a_users_own_and_what_a_group_gives_come_in_one_query(
    user, django_assert_num_queries
):
    with django_assert_num_queries(1):
        found = OneQueryBackend().get_all_permissions(user)
        assert OneQueryBackend().get_all_permissions(user) is found

    assert found == {"generation.view_draft", "review.add_decision"}


def test_it_answers_as_djangos_own_does(user):
    mine, djangos = both(user)
    assert mine == djangos

    mine, djangos = both(User(pk=user.pk, is_superuser=True))
    assert mine == djangos
    assert "auth.delete_user" in mine

    for nobody in (AnonymousUser(), User(pk=user.pk, is_active=False)):
        assert both(nobody) == (set(), set())
    assert OneQueryBackend().get_all_permissions(user, obj=user) == set()


def test_whoever_asks_is_read_anew_and_a_closed_account_is_nobody(user):
    backend = OneQueryBackend()
    assert backend.get_user(user.pk) == user
    assert backend.get_user(user.pk + 1) is None

    User.objects.filter(pk=user.pk).update(is_active=False)

    assert backend.get_user(user.pk) is None
