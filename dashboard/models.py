"""What the dashboard itself keeps: rights, share links, access tokens, and who did what. Never content."""

from __future__ import annotations

import hashlib
import secrets
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from dashboard.inspection.shared_parts import SHOWABLE, Shown


def new_secret() -> str:
    """256 bits, for an address or a header. It is shown once; the database keeps its digest."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """Of a secret with so many random bits a slow hash would protect nothing more."""
    return hashlib.sha256(secret.encode()).hexdigest()


class ProjectRight(models.Model):
    """Has no table: the rights to view and to share each configured project belong to it (see access.py)."""

    class Meta:
        managed = False
        default_permissions = ()


class SetupLink(models.Model):
    """The address that makes the first administrator; one row, and none once there is an account."""

    secret_digest = models.CharField(max_length=64, unique=True)
    created = models.DateTimeField(default=timezone.now)


class ShareLink(models.Model):
    """An address that shows one completion to whoever has it, until it expires or is revoked."""

    secret_digest = models.CharField(max_length=64, unique=True)
    project = models.CharField(max_length=63)
    completion_id = models.CharField(max_length=128)
    creator = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="share_links")
    created = models.DateTimeField(default=timezone.now)
    expires = models.DateTimeField()
    revoked = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    shows_input = models.BooleanField(default=True)
    shows_tools = models.BooleanField(default=True)
    shows_metadata = models.BooleanField(default=False)
    shows_parameters = models.BooleanField(default=False)
    shows_logprobs = models.BooleanField(default=False)
    shows_json = models.BooleanField(default=False)
    views = models.PositiveIntegerField(default=0)
    last_view = models.DateTimeField(null=True)
    gone = models.DateTimeField(null=True)
    """Since when the API has not had the completion any more."""

    class Meta:
        ordering: ClassVar = ["-created"]

    @property
    def is_over(self) -> bool:
        """Expired, revoked, or of a creator who may not sign in any more."""
        return self.revoked is not None or self.expires <= timezone.now() or not self.creator.is_active

    @property
    def shown(self) -> Shown:
        return Shown.of(name for name in SHOWABLE if getattr(self, f"shows_{name}"))


class AccessToken(models.Model):
    """Lets a script read the JSON of the projects that it names, with what its owner may see."""

    secret_digest = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=80)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="access_tokens")
    projects = models.JSONField(default=list)
    created = models.DateTimeField(default=timezone.now)
    expires = models.DateTimeField()
    revoked = models.DateTimeField(null=True)
    last_used = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-created"]

    @property
    def is_over(self) -> bool:
        return self.revoked is not None or self.expires <= timezone.now() or not self.owner.is_active


class AuditEvent(models.Model):
    """Somebody did something. `address` is shortened, and no row holds content, a query, or a secret."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    action = models.CharField(max_length=20)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=150, blank=True)
    """Of the person, also when the account is gone; for a failed sign-in what was typed is not kept."""
    share_link = models.ForeignKey(ShareLink, models.SET_NULL, null=True, related_name="+")
    access_token = models.ForeignKey(AccessToken, models.SET_NULL, null=True, related_name="+")
    project = models.CharField(max_length=63, blank=True)
    completion_id = models.CharField(max_length=128, blank=True)
    status = models.PositiveSmallIntegerField(default=0)
    address = models.CharField(max_length=45, blank=True)
    request_id = models.CharField(max_length=32, blank=True)

    class Meta:
        ordering: ClassVar = ["-at", "-id"]
