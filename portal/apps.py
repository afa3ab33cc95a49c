from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = "Portal"

    def ready(self) -> None:
        # Importing them registers the system checks.
        from portal import checks  # noqa: F401
        from portal.brand import checks as _  # noqa: F401
