"""The settings of the dashboard with every logger at its most talkative, as somebody may set it who looks for a fault."""

from copy import deepcopy

from dashboard.settings import *  # noqa: F403
from dashboard.settings import LOGGING as ORDINARY

LOGGING = deepcopy(ORDINARY)
LOGGING["root"]["level"] = "DEBUG"  # type: ignore[index]
LOGGING["loggers"] = {name: {"level": "DEBUG"} for name in ("django", "dashboard", "urllib3", "requests", "gunicorn")}
