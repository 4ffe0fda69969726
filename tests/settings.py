"""The dashboard's own settings over an empty environment: no key, no data and no
switch of whoever runs the tests takes part in them."""

import atexit
import os
import tempfile

for name in list(os.environ):
    if name == "PORT" or name.startswith(("DASHBOARD_", "DATABASE_URL", "CACHE_URL")) or "OPENAI_" in name:
        del os.environ[name]
_folder = tempfile.TemporaryDirectory(prefix="completions-dashboard-")
atexit.register(_folder.cleanup)
os.environ["DASHBOARD_DATA_DIR"] = _folder.name

from dashboard.databases import read_databases  # noqa: E402
from dashboard.settings import *  # noqa: E402, F403
from dashboard.settings import DATA_DIR, STATIC_ROOT  # noqa: E402

# What is tested about models can be held to PostgreSQL.
DATABASES = read_databases(os.environ.get("TEST_DATABASE_URL", ""), DATA_DIR)

# `manage.py serve` collects the static files under hashed names; browser tests see those.
STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
STATIC_ROOT.mkdir()

# The real one takes its time on purpose.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
