from django.apps import AppConfig
from django.conf import settings


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = "Portal"

    def ready(self) -> None:
        # Importing them registers the system checks.
        from portal import checks  # noqa: F401
        from portal.brand import checks as _  # noqa: F401
        from portal.operations import sentry

        if settings.SENTRY_DSN:
            sentry.start(settings.SENTRY_DSN)
