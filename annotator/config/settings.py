"""Settings read from the environment; docs/operations/variables.md documents every variable.

The embedded launcher (`make up`) and docker-compose set the same variables, so that one server and many
run the same code.
"""

from __future__ import annotations

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from annotator.config.database_url import parse_database_url

BASE_DIR = Path(__file__).resolve().parent.parent.parent


def _flag(name: str, default: bool = False) -> bool:
    return os.environ.get(name, str(int(default))).strip().lower() in {"1", "true", "yes", "on"}


def _required(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise ImproperlyConfigured(
            f"{name} is not set. `make up` sets it for the embedded servers; "
            "docs/operations/variables.md says how to set it."
        )
    return value


DEBUG = _flag("JFA_DEBUG")
SECRET_KEY = _required("JFA_SECRET_KEY")
ALLOWED_HOSTS = [h for h in os.environ.get("JFA_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]").split(",") if h]
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("JFA_TRUSTED_ORIGINS", "").split(",") if o]
JFA_HTTPS = _flag("JFA_HTTPS")
JFA_DATA_DIR = Path(os.environ.get("JFA_DATA_DIR", BASE_DIR / "var"))
JFA_RUN_DIR = Path(os.environ.get("JFA_RUN_DIR", JFA_DATA_DIR / "run"))
JFA_FRONTEND_DIST = Path(os.environ.get("JFA_FRONTEND_DIST", BASE_DIR / "frontend" / "dist"))

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "annotator.common",
    "annotator.accounts",
    "annotator.datasets",
    "annotator.jobs",
    "annotator.images",
    "annotator.faces",
    "annotator.work",
    "annotator.quality",
    "annotator.learning",
    "annotator.releases",
    "annotator.training",
    "annotator.demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "annotator.common.middleware.SmallBodiesMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "annotator.common.middleware.NothingIsCachedMiddleware",
    "annotator.common.middleware.OwnContentOnlyMiddleware",
]

ROOT_URLCONF = "annotator.config.urls"
WSGI_APPLICATION = "annotator.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
            ]
        },
    }
]

DATABASES = {
    "default": {
        **parse_database_url(_required("DATABASE_URL")),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AUTHENTICATION_BACKENDS = ["annotator.accounts.sessions.PeopleBackend"]
SESSION_ENGINE = "annotator.accounts.sessions"
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/sign-in/"
SESSION_COOKIE_NAME = "jfa_session"
CSRF_COOKIE_NAME = "jfa_csrf"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = JFA_HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if JFA_HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "annotator.common.pages.csrf_failure"

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False

STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("JFA_STATIC_DIR", JFA_DATA_DIR / "static"))
STATICFILES_DIRS = [JFA_FRONTEND_DIST] if JFA_FRONTEND_DIST.is_dir() else []
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
# Vite puts a hash of the content into each asset's name: a browser may keep it for good.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/assets/.+-[0-9A-Za-z_-]{8}\.\w+$"

# Originals, derivatives, releases and models: a folder, or a bucket that every machine reaches (docs/operations/
# scale.md). Never served by URL: every read goes through a view that checks membership.
JFA_S3_BUCKET = os.environ.get("JFA_S3_BUCKET", "")
_FOLDER = {
    "BACKEND": "django.core.files.storage.FileSystemStorage",
    "OPTIONS": {
        "location": JFA_DATA_DIR / "files",
        "base_url": None,
        "file_permissions_mode": 0o600,
        "directory_permissions_mode": 0o700,
    },
}
_BUCKET = {
    "BACKEND": "storages.backends.s3.S3Storage",
    "OPTIONS": {
        "bucket_name": JFA_S3_BUCKET,
        "endpoint_url": os.environ.get("JFA_S3_ENDPOINT") or None,
        "region_name": os.environ.get("JFA_S3_REGION") or None,
        "location": os.environ.get("JFA_S3_PREFIX", ""),
        "default_acl": None,
        "file_overwrite": True,
    },
}
STORAGES = {
    "default": _BUCKET if JFA_S3_BUCKET else _FOLDER,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
JFA_UPLOAD_PATH = r"/api/v1/datasets/\d+/(imports|uploads/[0-9a-f-]+/portions/\d+)"
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 20_000
FILE_UPLOAD_TEMP_DIR = os.environ.get("JFA_UPLOAD_TEMP_DIR") or None

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        # First in the list: its challenge makes an anonymous answer 401 instead of 403.
        "annotator.accounts.authentication.ApiTokenAuthentication",
        "annotator.accounts.authentication.BrowserAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["annotator.common.renderers.JsonRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "annotator.common.negotiation.JsonNegotiation",
    "DEFAULT_PARSER_CLASSES": ["annotator.common.parsers.JsonParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "annotator.common.errors.api_exception_handler",
    "URL_FORMAT_OVERRIDE": None,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "COERCE_DECIMAL_TO_STRING": False,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "JFA Studio",
    "DESCRIPTION": "Label, cross-check and release face datasets.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "PassKind": "annotator.work.models.PassKind",
        "FaceState": "annotator.faces.models.FaceState",
        "ImageVerdict": "annotator.images.models.Verdict",
        "PriorityEnum": ["urgent", "normal", "later"],
        "BlindInChecksEnum": "jfa_pipeline.core.policy.MAY_BE_BLIND",
        "GoldKind": [("annotate", "Annotate"), ("check", "Check"), ("sweep", "Sweep")],
        "WatchVerdict": [("fine", "fine"), ("warn", "warn"), ("pause", "pause")],
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "annotator.common.schema.add_problem_answers",
    ],
}

CELERY_BROKER_URL = _required("REDIS_URL")
CELERY_TASK_DEFAULT_QUEUE = "cpu"
# Imports and exports keep the workers of `cpu` busy for hours. What keeps the others going is over in a moment
# and has a queue and a worker of its own, so that it never waits behind them.
CELERY_TASK_ROUTES = {
    "jobs.reap": {"queue": "control"},
    "work.expire_leases": {"queue": "control"},
    "work.order_queues": {"queue": "control"},
    "quality.count_economy": {"queue": "control"},
    "quality.judge_gold": {"queue": "control"},
    "quality.fold_tallies": {"queue": "control"},
    "quality.compute_report": {"queue": "control"},
    "learning.prelabel_waiting": {"queue": "control"},
    "learning.relabel": {"queue": "control"},
    "training.advance": {"queue": "control"},
    "training.trigger": {"queue": "control"},
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 12 * 3600,
    "socket_timeout": 10,
    "socket_connect_timeout": 5,
    # A request that sends a message while Redis is away must not wait for it: jobs.reap sends it later.
    "max_retries": 0,
}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = {
    "jobs-reap": {"task": "jobs.reap", "schedule": 5.0, "options": {"expires": 15}},
    "work-expire": {"task": "work.expire_leases", "schedule": 30.0, "options": {"expires": 60}},
    "work-order": {"task": "work.order_queues", "schedule": 30.0, "options": {"expires": 60}},
    "quality-fold": {"task": "quality.fold_tallies", "schedule": 3.0, "options": {"expires": 10}},
    "quality-judge": {"task": "quality.judge_gold", "schedule": 300.0, "options": {"expires": 600}},
    "quality-economy": {"task": "quality.count_economy", "schedule": 10.0, "options": {"expires": 30}},
    "learning-prelabel-waiting": {
        "task": "learning.prelabel_waiting",
        "schedule": 5.0,
        "options": {"expires": 15},
    },
    "training-advance": {"task": "training.advance", "schedule": 5.0, "options": {"expires": 15}},
    "training-trigger": {"task": "training.trigger", "schedule": 60.0, "options": {"expires": 120}},
}

# A job whose worker has not been heard of for this long is given to another worker.
JFA_JOB_LOST_AFTER_SECONDS = int(os.environ.get("JFA_JOB_LOST_AFTER_SECONDS", "20"))
JFA_JOB_HEARTBEAT_SECONDS = JFA_JOB_LOST_AFTER_SECONDS / 4
# Runs, their checkpoints and caches, and the releases they learn from, on the disk of each learning worker.
JFA_TRAINING_DIR = Path(os.environ.get("JFA_TRAINING_DIR", JFA_DATA_DIR / "training"))
# Model files that a worker fetched from a storage that is no local folder.
JFA_MODEL_CACHE_DIR = Path(os.environ.get("JFA_MODEL_CACHE_DIR", JFA_DATA_DIR / "model-cache"))
# Threads of torch in a worker process that pre-labels on a CPU.
JFA_TORCH_THREADS = int(os.environ.get("JFA_TORCH_THREADS", min(8, os.cpu_count() or 1)))
# Bytes of memory that one training with all its processes may use; 0 for nine tenths of the machine's.
JFA_TRAINING_MEMORY_BYTES = int(os.environ.get("JFA_TRAINING_MEMORY_BYTES", "0"))
JFA_COARSE_PROVIDER = os.environ.get("JFA_COARSE_PROVIDER", "packaged")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("JFA_LOG_LEVEL", "INFO")},
}
