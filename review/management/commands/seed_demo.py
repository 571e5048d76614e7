"""Make Galley ready to try: groups, demo accounts, the starter shop and its writer."""

import secrets

from django.conf import settings
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from django.db.models import Q

from catalog.models import Product
from generation.errors import GenerationError
from generation.management.command import OneLineCommand
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
    "review.undo_any_decision",
    "review.see_dashboard",
]
# Others may look at trainings and checkpoints; these start, stop and activate them.
_MODEL_MANAGER = ["generation.add_trainingrun", "generation.change_checkpoint"]
_ACCOUNTS = {
    "editor": ["Editors"],
    "editor2": ["Editors"],
    "publisher": ["Publishers", "Model managers"],
    "admin": [],
}


class Command(OneLineCommand):
    """`manage.py seed_demo`; safe to run again: what a shop has made of it stays."""

    help = "Load the starter shop, register its writer, and make the demo accounts."

    def handle(self, *args, **options):
        """Fill what is empty; print the password where it is new."""
        if not Product.objects.exists():
            call_command("load_starter_shop", stdout=self.stdout)
        try:
            ensure_starter_checkpoint()
        except GenerationError as reason:
            raise CommandError(str(reason)) from reason
        groups = {
            "Editors": _group("Editors", _EDITOR),
            "Publishers": _group("Publishers", _PUBLISHER),
            "Model managers": _group("Model managers", _MODEL_MANAGER),
        }
        given = settings.GALLEY_DEMO_PASSWORD
        if not User.objects.exists():
            self._make_accounts(groups, given)
        elif given:
            self._set_password(given)

    @transaction.atomic
    def _make_accounts(self, groups: dict[str, Group], given: str | None) -> None:
        password = given or secrets.token_urlsafe(9)
        for name, own in _ACCOUNTS.items():
            is_admin = not own
            user = User.objects.create_user(
                name, password=password, is_staff=is_admin, is_superuser=is_admin
            )
            user.groups.set(groups[group] for group in own)
        shown = "the password from GALLEY_DEMO_PASSWORD" if given else f"password {password}"
        self.stdout.write(f"Demo accounts {', '.join(_ACCOUNTS)}: {shown}")

    def _set_password(self, password: str) -> None:
        """Set the demo accounts' password that somebody asks for; who was removed stays removed."""
        users = User.objects.filter(username__in=_ACCOUNTS).order_by("pk")
        others = [user for user in users if not user.check_password(password)]
        for user in others:
            user.set_password(password)
            user.save(update_fields=["password"])
        if others:
            names = ", ".join(user.username for user in others)
            self.stdout.write(f"Demo accounts {names}: the password from GALLEY_DEMO_PASSWORD")


def _group(name: str, wanted: list[str]) -> Group:
    """Give the group of this name; only a new one gets these permissions."""
    group, is_new = Group.objects.get_or_create(name=name)
    if is_new:
        named = Q(codename__startswith="view_", content_type__app_label__in=_APPS)
        for permission in wanted:
            app, codename = permission.split(".")
            named |= Q(content_type__app_label=app, codename=codename)
        group.permissions.set(Permission.objects.filter(named))
    return group
