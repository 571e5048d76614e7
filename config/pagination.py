"""How the API cuts long lists."""

from rest_framework.pagination import LimitOffsetPagination


class Pages(LimitOffsetPagination):
    """Fifty rows unless asked for more, and never more than two hundred."""

    default_limit = 50
    max_limit = 200
