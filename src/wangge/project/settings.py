"""Django's settings. What an installation may set comes from the environment (`environment.py`)."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from wangge.project.compiling import keep_compiled
from wangge.project.database import database_settings
from wangge.project.environment import read_environment

ENVIRONMENT = read_environment()
HERE = Path(__file__).parent
ROOT = HERE.parent
keep_compiled(ENVIRONMENT.data)

SECRET_KEY = ENVIRONMENT.secret_key()
PRIVATE_KEYS = ENVIRONMENT.private_keys()
BASEMAP = ENVIRONMENT.basemap
PLANTS = ENVIRONMENT.plants
CARE_DETAIL_YEARS = ENVIRONMENT.care_detail_years
ROUND_HOURS = ENVIRONMENT.round_hours
VISIT_MINUTES = ENVIRONMENT.visit_minutes
DEBUG = ENVIRONMENT.debug
ALLOWED_HOSTS = list(ENVIRONMENT.allowed_hosts) or ["127.0.0.1", "localhost", "[::1]"]
DATABASES = database_settings(ENVIRONMENT)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "wangge.journal",
    "wangge.blobs",
    "wangge.areas",
    "wangge.staff",
    "wangge.households",
    "wangge.catalogue",
    "wangge.cases",
    "wangge.visits",
    "wangge.campaigns",
    "wangge.plans",
    "wangge.sync",
    "wangge.figures",
    "wangge.doors",
    "wangge.doors.console",
    "wangge.doors.field",
    "wangge.doors.public",
    "wangge.demo",
    "wangge.project",
    "procrastinate.contrib.django",
    "ninja",  # its own files for the interface's page: nothing comes from elsewhere
    "django.contrib.postgres",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "wangge.project.headers.keep_stamped",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "wangge.project.headers.security_headers",
    "wangge.project.language.speak",
    "wangge.doors.exchange.problems.speak_json",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "wangge.project.entrance.enter",
]
ROOT_URLCONF = "wangge.project.urls"
WSGI_APPLICATION = "wangge.project.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "libraries": {"frame": "wangge.doors.frame"},
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
            ],
        },
    }
]

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LOCALE_PATHS = [HERE / "locale"]
LANGUAGE_COOKIE_NAME = "wangge_language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = ""  # what runs is named in `project/worker.py`
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
STATIC_ROOT = ENVIRONMENT.data / "static"
WHITENOISE_USE_FINDERS = DEBUG or not STATIC_ROOT.exists()  # collected and compressed by `wangge migrate`
WHITENOISE_AUTOREFRESH = DEBUG
# The field app's parts have the hash of their content in their names.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/field/built/.+-[\w-]{8}\.\w+$"
if ENVIRONMENT.s3_bucket:
    STORAGES_DEFAULT = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {"bucket_name": ENVIRONMENT.s3_bucket},
    }
else:
    STORAGES_DEFAULT = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": ENVIRONMENT.data / "blobs"},
    }
STORAGES = {
    "default": STORAGES_DEFAULT,
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
SESSION_COOKIE_NAME = "wangge_session"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENVIRONMENT.public
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
if ENVIRONMENT.behind_proxy:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 25 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "wangge.project.logs.WithoutWords",
            "format": "{levelname} {name}: {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # Answers of 4xx are the askers' matter; what fails here is logged.
    "loggers": {"django.request": {"level": "ERROR"}},
}
