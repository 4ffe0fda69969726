"""The page that makes the first administrator, at an address that `serve` prints once and that ends with its use."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import BaseUserCreationForm
from django.contrib.auth.models import User
from django.db import transaction
from django.forms import TextInput
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from dashboard import audit
from dashboard.models import SetupLink, digest


class FirstAdministratorForm(BaseUserCreationForm):  # type: ignore[type-arg]  # it takes none at run time
    class Meta:
        model = User
        fields = ("username",)
        widgets: ClassVar = {"username": TextInput({"autocomplete": "username"})}


@login_not_required
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def setup(request: HttpRequest, secret: str) -> HttpResponse:
    if not SetupLink.objects.filter(secret_digest=digest(secret)).exists():
        raise Http404("This address does not set anything up.")
    form = FirstAdministratorForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return render(request, "account/setup.html", {"form": form}, status=400 if form.errors else 200)
    with transaction.atomic():
        # Whoever deletes the row is the one that it was made for.
        if not SetupLink.objects.filter(secret_digest=digest(secret)).delete()[0]:
            raise Http404("This address has been used.")
        administrator = form.save(commit=False)
        administrator.is_staff = administrator.is_superuser = True
        administrator.save()
    login(request, administrator, backend="django.contrib.auth.backends.ModelBackend")
    audit.record(request, audit.SET_UP, person=administrator)
    return redirect("/")
