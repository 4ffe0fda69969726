"""The access tokens that one has: a list, a form that makes one, and a button that ends one."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from django import forms
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from dashboard import audit, clock
from dashboard.access import visible_projects
from dashboard.access_tokens import MOST_DAYS, MOST_LIVE, make_token
from dashboard.display import read_display
from dashboard.models import AccessToken

DAYS = 90


class TokenForm(forms.Form):
    """Of a person; `projects` are the names of those that the person may see."""

    name = forms.CharField(max_length=80, help_text="What will use it, so that you know it again.")
    projects = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple)
    days = forms.IntegerField(label="Days until it expires", min_value=1, max_value=MOST_DAYS, initial=DAYS)

    def __init__(self, data: Any, projects: list[str], live: int) -> None:
        super().__init__(data, initial={"projects": projects if len(projects) == 1 else []})
        self.fields["projects"].choices = [(name, name) for name in projects]  # type: ignore[attr-defined]
        self._live = live

    def clean(self) -> None:
        if self._live >= MOST_LIVE:
            raise forms.ValidationError(f"You have {MOST_LIVE} tokens that are valid. Revoke one of them first.")


@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    visible = [*visible_projects(request.user)]
    owned = AccessToken.objects.filter(owner=request.user.pk).select_related("owner")
    live = sum(not one.is_over for one in owned)
    form = TokenForm(request.POST if request.method == "POST" else None, visible, live)
    secret, status = "", 400 if form.errors else 200
    if form.is_valid():
        chosen = form.cleaned_data
        owner = cast(User, request.user)
        made, secret = make_token(owner, chosen["name"], chosen["projects"], chosen["days"])
        audit.record(request, audit.TOKEN_MADE, access_token=made)
        form, status = TokenForm(None, visible, live + 1), 201
    context = {
        "form": form,
        "secret": secret,
        "tokens": [_row(request, one) for one in owned.all()],
        "example": _example(request, visible[0]) if visible else "",
    }
    return render(request, "account/tokens.html", context, status=status)


@require_POST
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    token = AccessToken.objects.filter(owner=request.user.pk, pk=token_id).first()
    if token is None:
        raise Http404("You have no such token.")
    if AccessToken.objects.filter(pk=token.pk, revoked=None).update(revoked=timezone.now()):
        audit.record(request, audit.TOKEN_REVOKED, access_token=token)
    return redirect("tokens")


def _row(request: HttpRequest, token: AccessToken) -> dict[str, Any]:
    zone = read_display(request).zone

    def written(moment: datetime | None) -> str:
        return clock.short(moment.astimezone(zone)) if moment else ""

    return {
        "id": token.pk,
        "name": token.name,
        "projects": token.projects,
        "created": written(token.created),
        "expires": written(token.expires),
        "last_used": written(token.last_used),
        "is_over": token.is_over,
        "state": "revoked" if token.revoked else "expired",
    }


def _example(request: HttpRequest, project: str) -> str:
    """The token itself is left out, since shells remember what is typed."""
    address = request.build_absolute_uri(f"/{project}/completions.json")
    return f'curl -H "Authorization: Bearer $DASHBOARD_TOKEN" "{address}"'
