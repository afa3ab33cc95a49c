"""The portal's own settings. Its files need not be collected first; how they are stored is the only
thing that differs from an installation."""

from portal.settings import *  # noqa: F403
from portal.settings import STORAGES

STORAGES["staticfiles"] = {
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage",
}
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
