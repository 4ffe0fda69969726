from importlib import import_module

from django.apps import AppConfig


class DashboardConfig(AppConfig):
    name = "dashboard"
    verbose_name = "Completions Dashboard"

    def ready(self) -> None:
        """Whoever signs in is noted, and their session has its beginning, wherever that happens."""
        import_module("dashboard.audit")
        import_module("dashboard.sessions")
