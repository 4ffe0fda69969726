"""The single-use address that makes the first administrator: printed when a server starts and nobody has an account."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from dashboard.models import SetupLink, digest, new_secret


def new_setup_path() -> str:
    """A new one takes the place of the one before; empty where accounts exist, or none is needed."""
    with transaction.atomic():
        SetupLink.objects.all().delete()
        if not settings.LOGIN_REQUIRED or User.objects.exists():
            return ""
        secret = new_secret()
        SetupLink.objects.create(secret_digest=digest(secret))
    return f"/setup/{secret}/"
