"""The test suite: no broker, no weights, a database that is thrown away."""

import atexit
import shutil
import tempfile
from pathlib import Path

from config.settings.base import *

DEBUG = False
SECRET_KEY = "the test suite's key, which signs nothing that lasts"
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

GALLEY_HOME = Path(tempfile.mkdtemp(prefix="galley-test-"))
atexit.register(shutil.rmtree, GALLEY_HOME, ignore_errors=True)
GALLEY_CHECKPOINT_DIR = GALLEY_HOME / "checkpoints"
GALLEY_WORK_DIR = GALLEY_HOME / "work"
GALLEY_CORPUS_DIR = GALLEY_HOME / "corpora"
GALLEY_WRITER = "tests.generation.plain_writer.PlainWriter"
GALLEY_DEMO_PASSWORD = None
GALLEY_BACKBONE = None
GALLEY_TIME_ZONE = TIME_ZONE = "UTC"
MEDIA_ROOT = GALLEY_HOME / "media"
STATIC_ROOT = GALLEY_HOME / "static"
STATIC_ROOT.mkdir()
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True

# A file, not memory: threads that race for a row then meet the locks they meet for real.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": str(GALLEY_HOME / "test.sqlite3")}
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS = {}
