"""What is the same wherever Galley runs."""

from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from config import env, icons

BASE_DIR = env.BASE_DIR

# Galley's own settings ---------------------------------------------------------------------

# The folder of everything that changes: database, uploads, trained checkpoints, sockets.
GALLEY_HOME = env.home()
# The folder of the embedded broker's socket; elsewhere only where the home's path is too long.
GALLEY_SOCKET_DIR = env.socket_folder(GALLEY_HOME)
# The checkpoint that ships with the project.
GALLEY_STARTER_CHECKPOINT = BASE_DIR / "generation" / "checkpoints" / "starter"
# The folder of checkpoints trained here.
GALLEY_CHECKPOINT_DIR = GALLEY_HOME / "checkpoints"
# The folder where trainings keep their place until they have ended; a place takes some 200 MB.
GALLEY_WORK_DIR = GALLEY_HOME / "work"
# The folder of corpora that may be chosen for a training in the browser.
GALLEY_CORPUS_DIR = GALLEY_HOME / "corpora"
# The class that writes, loaded on first use by a worker and never by the web process.
GALLEY_WRITER = env.writer()
# The folder of the language model that large checkpoints write with; None where there is none.
GALLEY_BACKBONE = env.backbone()
# The demo accounts' password; None makes a random one, printed once.
GALLEY_DEMO_PASSWORD = env.demo_password()
# Slots the writer fills in one batch. The same run gives the same text only while this stays.
GALLEY_RUN_CHUNK = 16
# Seconds without a sign of life after which a running run may be taken over.
GALLEY_STALE_RUN_SECONDS = 60
# Threads of the writer. Two on a busy machine ran ten times slower than one.
GALLEY_TORCH_THREADS = env.torch_threads()
# Whether a training from the editors' decisions starts each night by itself.
GALLEY_NIGHTLY_TRAINING = env.is_nightly_training()
# New examples that make a nightly training worth its time.
GALLEY_NIGHTLY_LESSONS = 20
# Minutes that a nightly training may take.
GALLEY_NIGHTLY_MINUTES = 20
# Days after which an editor's rejection weighs half in learning.
GALLEY_REJECTION_HALF_LIFE_DAYS = 90
# Minutes in which an editor may take a decision back; a lead may at any time.
GALLEY_UNDO_MINUTES = 10
# Days after which a draft that nobody has decided leaves the desk.
GALLEY_DRAFT_DAYS = 90
# Where people find this site, for links in mails.
GALLEY_ADDRESS = env.site_address()
# The hour of the day, in UTC, at which people are sent what they have not read.
GALLEY_DIGEST_HOUR = env.digest_hour()
# The zone of whoever has not said where they are, of mails and of the log.
GALLEY_TIME_ZONE = env.time_zone()
# How often a training keeps its place: so much is lost when it is stopped or its worker dies.
GALLEY_KEEP_PLACE_SECONDS = env.keep_place_seconds()

# Apps and requests -------------------------------------------------------------------------

INSTALLED_APPS = [
    "config",
    "catalog",
    "generation",
    "review",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "channels",
    "django_htmx",
    "rest_framework",
    "rest_framework.authtoken",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "csp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "config.zones.own_zone",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["config.icons"],
            "libraries": {"i18n": "config.phrases"},
        },
    },
]
SILENCED_SYSTEM_CHECKS = ["templates.W003"]  # `config.phrases` stands in the place of `i18n`

# Data --------------------------------------------------------------------------------------

DATABASES = {"default": env.database(GALLEY_HOME)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MEDIA_ROOT = GALLEY_HOME / "media"
MEDIA_URL = "media/"
STATIC_ROOT = GALLEY_HOME / "static"
WHITENOISE_ADD_HEADERS_FUNCTION = icons.keep
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]

# People ------------------------------------------------------------------------------------

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{validator}"}
    for validator in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AUTHENTICATION_BACKENDS = ["config.auth.OneQueryBackend"]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/review/"
LOGOUT_REDIRECT_URL = "login"

# Mail --------------------------------------------------------------------------------------

# GALLEY_MAIL_FROM and EMAIL_URL, as in smtp+tls://name:password@mail.example.com:587.
DEFAULT_FROM_EMAIL = env.mail_sender()
_MAIL = env.mail()
EMAIL_BACKEND = _MAIL["EMAIL_BACKEND"]
EMAIL_HOST, EMAIL_PORT = _MAIL["EMAIL_HOST"], _MAIL["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _MAIL["EMAIL_HOST_USER"], _MAIL["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS, EMAIL_USE_SSL = _MAIL["EMAIL_USE_TLS"], _MAIL["EMAIL_USE_SSL"]
EMAIL_TIMEOUT = 10

# Languages ---------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
TIME_ZONE = GALLEY_TIME_ZONE
USE_TZ = True

# What a browser may load: our own files and nothing else ------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"

# Broker and live layer ---------------------------------------------------------------------

_SOCKET = GALLEY_SOCKET_DIR / "valkey.sock"
_BROKER = env.redis_url() or f"redis+socket://{_SOCKET}?virtual_host=0"
_LAYER = env.redis_url() or f"unix://{_SOCKET}?db=1"

CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        # A read timeout would close every socket that is silent for five seconds.
        "CONFIG": {
            "hosts": [{"address": _LAYER, "socket_timeout": None, "socket_connect_timeout": 1}]
        },
    }
}

CELERY_BROKER_URL = _BROKER
CELERY_BROKER_CONNECTION_TIMEOUT = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # A task that is not acknowledged in this time is given to another worker. Work that may
    # take longer holds a lease on its row, so that the second worker finds nothing to do.
    "visibility_timeout": 300,
    "unacked_restore_interval": 3,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 1,
    # A broker that hangs takes connections and never answers. A worker that waits for work asks
    # for a second at most, so this ends no idle connection.
    "socket_timeout": 2,
    # How long a page tries to queue a task while the broker is down; the row stays queued.
    "max_retries": 2,
    "interval_start": 0,
    "interval_step": 0.2,
    "interval_max": 0.2,
}
CELERY_TASK_PUBLISH_RETRY_POLICY = {
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.2,
    "interval_max": 0.2,
}
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_DEFAULT_QUEUE = "celery"
CELERY_TASK_ROUTES = {"generation.tasks.*": {"queue": "gpu"}}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(GALLEY_HOME / "run" / "beat")
# An entry that waited longer than its interval is dropped: the next one does its work.
CELERY_BEAT_SCHEDULE = {
    "start due runs": {
        "task": "generation.schedule.start_due_runs",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "take up runs whose worker died": {
        "task": "generation.schedule.requeue_stale_runs",
        "schedule": 30,
        "options": {"expires": 30},
    },
    "take up imports whose worker died": {
        "task": "catalog.schedule.requeue_stale_imports",
        "schedule": 30,
        "options": {"expires": 30},
    },
    "forget the files of old imports": {
        "task": "catalog.schedule.forget_old_imports",
        "schedule": crontab(hour=4, minute=10),
        "options": {"expires": 3600},
    },
    "send publications again": {
        "task": "review.schedule.retry_failed_publications",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "bring drafts back that were put off": {
        "task": "review.schedule.return_deferred_drafts",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "give drafts to editors": {
        "task": "review.schedule.distribute_drafts",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "forget drafts that nobody decides": {
        "task": "review.schedule.expire_forgotten_drafts",
        "schedule": crontab(hour=3, minute=30),
        "options": {"expires": 3600},
    },
    "send digests": {
        "task": "review.schedule.send_digests",
        "schedule": crontab(hour=GALLEY_DIGEST_HOUR, minute=0),
        "options": {"expires": 3600},
    },
    "train at night": {
        "task": "generation.schedule.start_nightly_training",
        "schedule": crontab(hour=2, minute=30),
        "options": {"expires": 3600},
    },
}

# API ---------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.SessionAuthentication",
        "rest_framework.authentication.TokenAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "catalog.permissions.ModelPermissions",
    ],
    "DEFAULT_FILTER_BACKENDS": ["config.filtering.ListFilters"],
    "DEFAULT_PAGINATION_CLASS": "config.pagination.Pages",
    "DEFAULT_SCHEMA_CLASS": "drf_standardized_errors.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "drf_standardized_errors.handler.exception_handler",
}
_ERRORS = "drf_standardized_errors.openapi_serializers"
SPECTACULAR_SETTINGS = {
    "TITLE": "Galley",
    "DESCRIPTION": "Products, imports, campaigns, runs, drafts, decisions and publications.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "LanguageEnum": "catalog.choices.Language",
        "JobStatusEnum": "catalog.models.job.JobStatus",
        "ValidationErrorEnum": f"{_ERRORS}.ValidationErrorEnum.choices",
        "ClientErrorEnum": f"{_ERRORS}.ClientErrorEnum.choices",
        "ServerErrorEnum": f"{_ERRORS}.ServerErrorEnum.choices",
        "ErrorCode401Enum": f"{_ERRORS}.ErrorCode401Enum.choices",
        "ErrorCode403Enum": f"{_ERRORS}.ErrorCode403Enum.choices",
        "ErrorCode404Enum": f"{_ERRORS}.ErrorCode404Enum.choices",
        "ErrorCode405Enum": f"{_ERRORS}.ErrorCode405Enum.choices",
        "ErrorCode406Enum": f"{_ERRORS}.ErrorCode406Enum.choices",
        "ErrorCode415Enum": f"{_ERRORS}.ErrorCode415Enum.choices",
        "ErrorCode429Enum": f"{_ERRORS}.ErrorCode429Enum.choices",
        "ErrorCode500Enum": f"{_ERRORS}.ErrorCode500Enum.choices",
    },
    "POSTPROCESSING_HOOKS": ["drf_standardized_errors.openapi_hooks.postprocess_schema_enums"],
}

# Logs --------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"django": {"handlers": [], "propagate": True}},
}
