"""A laptop or a small team: no services to install, nothing to configure."""

from config import env
from config.settings.base import *

DEBUG = env.is_debug()
SECRET_KEY = env.local_secret_key(GALLEY_HOME)
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *env.allowed_hosts()]

# Static files come straight from the source folders: nothing to collect, nothing stale.
STATIC_ROOT.mkdir(exist_ok=True)
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 0
