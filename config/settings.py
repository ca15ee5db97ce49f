"""All settings, read from the environment (and from ``.env`` beside ``manage.py``, where it exists).

With ``DEBUG`` off, which is the default, the program refuses to start half-configured and
names everything that is missing. ``.env.example`` lists every variable.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static

from config import broker, env
from config.logs import logging_settings
from config.navigation import navigation

BASE_DIR = Path(__file__).resolve().parent.parent
env.load_file(BASE_DIR / ".env")

# --- What a deployment must say ---------------------------------------------------------------

DEBUG = env.boolean("DEBUG", default=False)
VAR_DIR = Path(env.string("VAR_DIR", str(BASE_DIR / "var"))).resolve()
SECRET_KEY = env.secret("SECRET_KEY")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS")
DATABASE_URL = env.secret("DATABASE_URL")
REDIS_URL = env.secret("REDIS_URL")
# Off only where no TLS terminates in front: the demo, or a trial inside a closed network.
HTTPS = env.boolean("HTTPS", default=not DEBUG)

# Django's own measure of a key that cannot be guessed (security.W009).
SECRET_KEY_MIN_LENGTH = 50


def missing_in_production() -> list[str]:
    """What must be set before the program may serve anybody, in words."""
    missing = []
    if len(SECRET_KEY) < SECRET_KEY_MIN_LENGTH:
        missing.append(f"SECRET_KEY (or SECRET_KEY_FILE): at least {SECRET_KEY_MIN_LENGTH} random characters")
    if not ALLOWED_HOSTS:
        missing.append("ALLOWED_HOSTS: the host names it is reached by, with commas between them")
    if not DATABASE_URL:
        missing.append("DATABASE_URL: for example postgres://user:password@host:5432/driveline")
    if not REDIS_URL:
        missing.append("REDIS_URL: for example redis://host:6379/0")
    return missing


if DEBUG:
    SECRET_KEY = SECRET_KEY or "a-key-for-development-only-" * 2
    ALLOWED_HOSTS = ALLOWED_HOSTS or ["localhost", "127.0.0.1", "[::1]"]
    DATABASE_URL = DATABASE_URL or f"sqlite:///{VAR_DIR / 'driveline.sqlite3'}"
    REDIS_URL = REDIS_URL or broker.find_url(VAR_DIR) or "redis://127.0.0.1:6379/0"
elif _missing := missing_in_production():
    raise ImproperlyConfigured(
        "Not ready to run with DEBUG off. Set:\n"
        + "".join(f"  {line}\n" for line in _missing)
        + "or, on a developer's machine, DEBUG=on (`make setup` writes that to .env)."
    )

# --- Applications -----------------------------------------------------------------------------

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",  # before the admin, whose templates it replaces
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.import_export",
    "unfold.contrib.simple_history",
    "config.apps.Admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "import_export",
    "simple_history",
    "rest_framework",
    "knox",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "django_structlog",
    "inventory",
    "orders",
    "planning",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- Database ---------------------------------------------------------------------------------


def database(url: str) -> dict[str, Any]:
    """The settings of one database.

    SQLite writes ahead and takes its write lock at the start of a transaction, so writers queue
    (up to ``timeout`` seconds) instead of failing with "database is locked".
    """
    settings: dict[str, Any] = {**environ.Env.db_url_config(url)}
    if settings["ENGINE"] == "django.db.backends.sqlite3":
        if settings["NAME"] != ":memory:":
            Path(settings["NAME"]).parent.mkdir(parents=True, exist_ok=True)
        settings["OPTIONS"] = {
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
        }
    else:
        settings["CONN_MAX_AGE"] = 60
        settings["CONN_HEALTH_CHECKS"] = True
    return settings


DATABASES = {"default": database(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Language and time ------------------------------------------------------------------------

LANGUAGE_CODE = "en"
USE_I18N = True
FORMAT_MODULE_PATH = ["config.formats"]
USE_TZ = True
TIME_ZONE = env.string("TIME_ZONE", "UTC")

# --- Static files -----------------------------------------------------------------------------

STATIC_URL = "/static/"
# On: files are served from where they are, as a developer and the demo want it. Off: `collectstatic`
# gathers them, compressed and named by their content.
STATIC_FROM_SOURCE = env.boolean("STATIC_FROM_SOURCE", default=DEBUG)
STATIC_ROOT = Path(env.string("STATIC_ROOT", str(VAR_DIR / "static")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if STATIC_FROM_SOURCE
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = STATIC_FROM_SOURCE
WHITENOISE_AUTOREFRESH = DEBUG

# --- Security ---------------------------------------------------------------------------------

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_SECURE = HTTPS
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/"]  # probes speak plain HTTP from inside
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Only behind a proxy that sets this header itself, whatever the client sent.
if env.boolean("BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# An order of 200 lines is a form of some thousand fields; Django's default refuses it.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024

# --- REST -------------------------------------------------------------------------------------

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "config.rest.authentication.BearerTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAdminUser"],
    "DEFAULT_PARSER_CLASSES": ["config.rest.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "config.rest.schema.Schema",
    "EXCEPTION_HANDLER": "drf_standardized_errors.handler.exception_handler",
}

PROBLEM_CODES = ["400", "401", "403", "404", "405", "409", "413", "415", "500"]
DRF_STANDARDIZED_ERRORS: dict[str, Any] = {
    "EXCEPTION_HANDLER_CLASS": "config.rest.errors.Handler",
    "EXCEPTION_FORMATTER_CLASS": "config.rest.errors.Formatter",
    "ENABLE_IN_DEBUG_FOR_UNHANDLED_EXCEPTIONS": True,
    "ALLOWED_ERROR_STATUS_CODES": PROBLEM_CODES,
    "ERROR_SCHEMAS": dict.fromkeys(PROBLEM_CODES, "config.rest.errors.ProblemSerializer"),
}

# What a broken rule becomes for a client; the nearest class that is named here decides.
PROBLEM_STATUS = {
    "inventory.errors.InventoryError": 409,
    "inventory.errors.ItemNotFound": 404,
    "inventory.errors.PurchaseOrderNotFound": 404,
    "inventory.errors.CountNotFound": 404,
    "inventory.errors.InvalidPurchase": 400,
    "orders.errors.OrderError": 409,
    "orders.errors.OrderNotFound": 404,
    "orders.errors.LineNotFound": 404,
    "orders.errors.InvalidOrder": 400,
    "orders.errors.InvalidSchedule": 400,
    "planning.errors.PlanningError": 409,
    "planning.errors.PlanNotFound": 404,
    "planning.errors.NoPublishedPlan": 404,
    "planning.errors.ItemNotInPlan": 404,
    "planning.errors.OrderNotInPlan": 404,
    "planning.errors.NoRequirements": 404,
    "planning.errors.ItemNotInRequirements": 404,
    "planning.errors.FirmOrderNotFound": 404,
    "planning.errors.EntryNotFound": 404,
    "planning.errors.SkillNotInPlan": 404,
    "planning.errors.InvalidEntry": 400,
    "planning.errors.InvalidPlanRequest": 400,
    "planning.errors.ItemNotFound": 404,
    "planning.errors.RevisionNotFound": 404,
    "planning.errors.NothingToCompare": 400,
    "planning.errors.InvalidTable": 400,
    "planning.errors.UnknownTable": 404,
    "planning.errors.TableNotAllowed": 403,
    "planning.engine.errors.InvalidFactory": 409,
}

REST_KNOX = {
    "AUTH_HEADER_PREFIX": "Bearer",
    "TOKEN_TTL": timedelta(days=env.integer("TOKEN_DAYS", 90, minimum=1)),
}

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Driveline",
    "DESCRIPTION": "Orders, delivery dates and production plans.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "OrderStatus": "orders.models.OrderStatus",
        "AbcClass": "planning.api.counting.ABC",
        "PurchaseStatus": "inventory.models.PurchaseStatus",
        "CountStatus": "inventory.models.CountStatus",
        "MovementKind": "inventory.models.MovementKind",
        "EnteredStatus": "orders.api.serializers.ENTERED",
        "PlanStatus": "planning.models.PlanStatus",
        "OrderKind": "orders.models.OrderKind",
        "PlannedOrderKind": "planning.api.rows.ORDER_KINDS",
        "MoveKind": "planning.api.serializers.MOVES",
        "ComparedDateKind": "planning.api.versions.DATE_KINDS",
        "ComparedRowKind": "planning.api.versions.CHANGE_KINDS",
        "ComparedOperationKind": "planning.api.versions.OPERATION_KINDS",
        "StageStatus": "planning.api.rows.STAGE_STATUS",
        "RequirementsItemKind": "planning.api.requirements.KINDS",
        "RequirementsKind": "planning.models.RequirementsKind",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# --- Plan builds ------------------------------------------------------------------------------

# Processes in which a build tries candidates, unless its request says how many. Beyond eight the rounds of a
# build are too few to share out, and each process takes memory.
PLAN_WORKERS = env.integer("PLAN_WORKERS", min(env.cores(), 8), minimum=1)
# The longest wall clock, in seconds, that one build may be given.
PLAN_MAX_SECONDS = env.integer("PLAN_MAX_SECONDS", 900, minimum=1)
# How long a worker that is not heard of keeps its build; four heartbeats.
PLAN_LEASE_SECONDS = env.integer("PLAN_LEASE_SECONDS", 20, minimum=2)
# The address space of the process that solves, in megabytes.
PLAN_MEMORY_MB = env.integer("PLAN_MEMORY_MB", 4096, minimum=512)

# The order of limits: the solver's own < the task's hard limit < the broker's visibility timeout.
# There is no soft limit: it would fire when the solver returns, and throw its plan away.
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_TIME_LIMIT = 2 * PLAN_MAX_SECONDS
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3 * PLAN_MAX_SECONDS,
    # A message that a dead worker held is looked for every second, not every 100 s.
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 5,
    "socket_keepalive": True,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A request that cannot reach the broker goes on without it: the row is there, and is sent again.
CELERY_TASK_PUBLISH_RETRY_POLICY = {
    "max_retries": 1,
    "interval_start": 0.1,
    "interval_step": 0.1,
    "interval_max": 0.2,
}
CELERY_TASK_DEFAULT_QUEUE = "solver"
# Acknowledged before the work begins: who may build is decided by the row of the run alone.
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_WORKER_POOL = "prefork"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 100
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = TIME_ZONE

REAP_SECONDS = 10
REQUIREMENTS_SECONDS = 60
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    "reap-plan-runs": {
        "task": "planning.tasks.reap_plan_runs_task",
        "schedule": REAP_SECONDS,
        # A reminder nobody read in time is worth nothing: the next one says the same.
        "options": {"expires": REAP_SECONDS},
    },
    "refresh-requirements": {
        "task": "planning.tasks.refresh_requirements_task",
        "schedule": REQUIREMENTS_SECONDS,
        "options": {"expires": REQUIREMENTS_SECONDS},
    },
}

# --- Admin ------------------------------------------------------------------------------------

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Driveline",
    "SITE_HEADER": "Driveline",
    "SITE_SYMBOL": "precision_manufacturing",
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda request: static("driveline/favicon.svg"),
        }
    ],
    "SHOW_HISTORY": True,
    "STYLES": [lambda request: static("driveline/driveline.css")],
    "SIDEBAR": {"show_search": True, "show_all_applications": False, "navigation": navigation()},
}
# Old versions are read; going back to one is an edit like any other.
SIMPLE_HISTORY_REVERT_DISABLED = True

# --- Logs -------------------------------------------------------------------------------------

LOG_LEVEL = env.string("LOG_LEVEL", "INFO").upper()
LOG_FORMAT = env.string("LOG_FORMAT", "console" if DEBUG else "json")
LOGGING = logging_settings(level=LOG_LEVEL, form=LOG_FORMAT)
DJANGO_STRUCTLOG_CELERY_ENABLED = True
