"""The server's entrance: pages by HTTP, live news by WebSocket."""

import os

import django
from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
django.setup(set_prefix=False)

from config.handler import PagesHandler  # noqa: E402  # so does what answers pages
from config.routing import websocket_urlpatterns  # noqa: E402  # consumers need Django set up

application = ProtocolTypeRouter(
    {
        "http": PagesHandler(),
        "websocket": AllowedHostsOriginValidator(
            AuthMiddlewareStack(URLRouter(websocket_urlpatterns))
        ),
    }
)
