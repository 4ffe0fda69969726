"""The WSGI application that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
application = get_wsgi_application()

# Before the workers fork: all of them see the same demo data, and the first visitor does not wait for it.
from dashboard.projects import all_projects  # noqa: E402

all_projects()
