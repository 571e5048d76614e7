"""What the API asks of an account before it shows what pages show to model managers alone."""

from catalog.permissions import ModelPermissions

_MANAGE = ["generation.change_checkpoint"]


class ManagerPermissions(ModelPermissions):
    """For what only those may see who decide which checkpoint writes."""

    perms_map = dict.fromkeys(ModelPermissions.perms_map, _MANAGE)
