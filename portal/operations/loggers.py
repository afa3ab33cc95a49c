"""Whose lines are kept, from which level on, and in which form: what Django's ``LOGGING`` wants. It
does not read the environment, and how a line is made is ``portal.operations.logs``'s to say.

The settings import this, so nothing here may need them.
"""

from typing import Any


def configured(*, level: str, form: str, discreet: bool) -> dict[str, Any]:
    """For :func:`logging.config.dictConfig`.

    :param form: ``text`` or ``json``.
    :param discreet: an error's own words, which can repeat what somebody typed, are left out of
        ``text``; out of ``json`` they always are.
    """
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"about": {"()": "portal.operations.logs.About"}},
        "formatters": {
            "text": {
                # A developer reads the whole error.
                "()": "portal.operations.logs.Discreet" if discreet else "logging.Formatter",
                "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s",
            },
            "json": {"()": "portal.operations.logs.Json"},
        },
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": form,
                "filters": ["about"],
            }
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # Django would otherwise mail error reports, request included, to ADMINS.
            "django": {"handlers": [], "level": "INFO"},
            # Of runserver: Django gives it a handler of its own, which hides nothing.
            "django.server": {"handlers": ["console"], "level": "INFO", "propagate": False},
            # A program that tries machines by their number is no news.
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            # At INFO the SDK logs addresses, parameters and headers of every call.
            "twilio": {"level": "WARNING"},
            # Says once a connection that the embedded broker has no host.
            "kombu.connection": {"level": "ERROR"},
            # Says at the first import that it can log.
            "pikepdf": {"level": "WARNING"},
        },
    }
