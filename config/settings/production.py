"""A server on the internet, behind a proxy that speaks HTTPS."""

from config import env
from config.settings.base import *

DEBUG = False
SECRET_KEY = env.required_secret_key()
ALLOWED_HOSTS = env.required_hosts()

# Browsers are told to insist on HTTPS for a year; probes of the machine itself need not.
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.is_https()
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if env.is_https() else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = env.is_https()
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
