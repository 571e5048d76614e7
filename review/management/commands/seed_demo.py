"""Make Galley ready to try: groups, demo accounts, the starter shop and its writer."""

import secrets

from django.conf import settings
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q

from generation.errors import GenerationError
from generation.services import ensure_starter_checkpoint

_APPS = ["catalog", "generation", "review"]
_EDITOR = [
    "review.add_decision",
    "catalog.add_feedimport",
    "catalog.add_campaign",
    "generation.add_run",
]
_PUBLISHER = [
    *_EDITOR,
    "catalog.change_campaign",
    "review.change_publication",
    "generation.add_trainingrun",
    "generation.change_checkpoint",
]
_ACCOUNTS = {"editor": "Editors", "editor2": "Editors", "publisher": "Publishers", "admin": ""}


class Command(BaseCommand):
    """`manage.py seed_demo`; safe to run again, a password that somebody set stays."""

    help = "Load the starter shop, register its writer, and make the demo accounts."

    def handle(self, *args, **options):
        """Make what is missing; print the password where it is new."""
        groups = {
            "Editors": _group("Editors", _EDITOR),
            "Publishers": _group("Publishers", _PUBLISHER),
        }
        call_command("load_starter_shop", stdout=self.stdout)
        try:
            ensure_starter_checkpoint()
        except GenerationError as reason:
            raise CommandError(str(reason)) from reason
        given = settings.GALLEY_DEMO_PASSWORD
        password = given or secrets.token_urlsafe(9)
        fresh = [name for name in _ACCOUNTS if _account(name, groups, password, given=bool(given))]
        if fresh:
            names = ", ".join(fresh)
            shown = "the password from GALLEY_DEMO_PASSWORD" if given else f"password {password}"
            self.stdout.write(f"Demo accounts {names}: {shown}")


def _group(name: str, wanted: list[str]) -> Group:
    group, _made = Group.objects.get_or_create(name=name)
    named = Q(codename__startswith="view_", content_type__app_label__in=_APPS)
    for permission in wanted:
        app, codename = permission.split(".")
        named |= Q(content_type__app_label=app, codename=codename)
    group.permissions.set(Permission.objects.filter(named))
    return group


def _account(name: str, groups: dict[str, Group], password: str, *, given: bool) -> bool:
    """Make one account; say whether its password was set now."""
    is_admin = not _ACCOUNTS[name]
    user, is_new = User.objects.get_or_create(
        username=name, defaults={"is_staff": is_admin, "is_superuser": is_admin}
    )
    if _ACCOUNTS[name]:
        user.groups.add(groups[_ACCOUNTS[name]])
    if is_new or (given and not user.check_password(password)):
        user.set_password(password)
        user.save(update_fields=["password"])
        return True
    return False
