"""What the API asks of an account before it answers."""

from rest_framework.permissions import DjangoModelPermissions

_CHANGE = ["%(app_label)s.change_%(model_name)s"]
_VIEW = ["%(app_label)s.view_%(model_name)s"]


class ModelPermissions(DjangoModelPermissions):
    """The permissions that the pages ask: reading needs `view` too."""

    perms_map = {**DjangoModelPermissions.perms_map, "GET": _VIEW, "HEAD": _VIEW, "OPTIONS": _VIEW}


class ChangePermissions(ModelPermissions):
    """For an address whose POST changes a row and adds none."""

    perms_map = {**ModelPermissions.perms_map, "POST": _CHANGE}
