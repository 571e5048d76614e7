"""Who asks and may do what: read in one question each, which are written once."""

from functools import lru_cache
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.db.models import Q

from catalog.prepared import Prepared

_USERS = Prepared(User.objects.all)


class OneQueryBackend(ModelBackend):
    """Django's own backend, with a user's and the groups' permissions in one query, not two."""

    def get_user(self, user_id: int) -> User | None:
        """The user of a session, unless the account is closed."""
        user = _USERS.get(user_id)
        return user if user and self.user_can_authenticate(user) else None

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """Every permission of an active user, as "app.codename"; none on single rows."""
        if not user_obj.is_active or user_obj.is_anonymous or obj is not None:
            return set()
        if not hasattr(user_obj, "_perm_cache"):
            pairs = _every() if user_obj.is_superuser else _of(user_obj.pk)
            user_obj._perm_cache = {f"{app}.{codename}" for app, codename in pairs}  # noqa: SLF001
        return user_obj._perm_cache  # noqa: SLF001 - where Django keeps it, and clears it


def _every() -> list[tuple[str, str]]:
    return list(Permission.objects.order_by().values_list("content_type__app_label", "codename"))


def _of(user: int) -> list[tuple[str, str]]:
    """A user's own and those of the user's groups.

    Each page asks this, and to write the question took four times as long as to answer it.
    """
    sql, parameters = _question()
    with connection.cursor() as cursor:
        cursor.execute(sql, [user] * parameters)
        return cursor.fetchall()


@lru_cache
def _question() -> tuple[str, int]:
    """The statement, all of whose parameters are a user's number, and how many those are."""
    wanted = Permission.objects.order_by().filter(Q(user=0) | Q(group__user=0)).distinct()
    pairs = wanted.values_list("content_type__app_label", "codename")
    sql, parameters = pairs.query.sql_with_params()
    return sql, len(parameters)
