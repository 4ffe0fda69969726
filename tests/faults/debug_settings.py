"""The settings of the dashboard with the loggers at their most talkative, as somebody may set them who looks for a fault."""

from dashboard.settings import *  # noqa: F403
from dashboard.settings import LOGGING as ORDINARY

LOGGING = {
    **ORDINARY,
    "root": {"handlers": ["stderr"], "level": "DEBUG"},
    "loggers": {
        **{name: {"level": "DEBUG"} for name in ("django", "dashboard", "urllib3", "requests", "gunicorn")},
        # Of each name that a template leaves out, it prints a traceback: minutes of them.
        "django.template": {"level": "INFO"},
    },
}
