from importlib import import_module

from django.apps import AppConfig


class DashboardConfig(AppConfig):
    name = "dashboard"
    verbose_name = "Completions Dashboard"

    def ready(self) -> None:
        """Whoever signs in is noted from the first request on."""
        import_module("dashboard.audit")
