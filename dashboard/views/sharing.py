"""Making share links, and the lists of them: one's own, and for administrators everybody's."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard import audit
from dashboard.access import may_share, sharing_offered
from dashboard.completion_frame import opened_from, short_id
from dashboard.conversation import load_conversation
from dashboard.display import read_display
from dashboard.forms import number
from dashboard.inspection.secrets_found import secrets_found
from dashboard.inspection.shared_parts import parts
from dashboard.projects import get_project
from dashboard.share_form import ShareForm
from dashboard.share_links import links_of, make_link, revocable
from dashboard.share_links import revoke as revoke_links
from dashboard.share_list import row
from dashboard.upstream.watchdog import Deadline

PAGE = 100


@require_http_methods(["GET", "HEAD", "POST"])
def share(request: HttpRequest, project: str, completion_id: str) -> HttpResponse:
    """The form, and after it the link: the only page that ever shows it."""
    if not may_share(request.user, project):
        raise Http404("There is nothing to share here.")
    conversation = load_conversation(get_project(project), completion_id, Deadline())
    found = {name: secrets_found(part) for name, part in parts(conversation.completion, conversation.messages).items()}
    form = ShareForm(found, request.POST if request.method == "POST" else None)
    query = opened_from(request, project)
    base = f"{query.path}{completion_id}/"
    if "preview" in request.POST:
        return redirect(f"{base}share/preview/{form.shown}/")
    context = {"form": form, "short_id": short_id(completion_id), "back_url": query.completion_url(completion_id)}
    if not form.is_valid():
        return render(request, "share/form.html", context, status=400 if form.errors else 200)
    link, path = make_link(cast(User, request.user), project, completion_id, form.shown, form.seconds)
    audit.record(request, audit.SHARED, project=project, completion_id=completion_id, share_link=link)
    context |= {"row": row(link, read_display(request).zone), "address": request.build_absolute_uri(path), "path": path}
    return render(request, "share/made.html", context)


@require_safe
def links(request: HttpRequest) -> HttpResponse:
    return _list(request, everyone=False)


@require_safe
def links_of_everyone(request: HttpRequest) -> HttpResponse:
    if not _person(request).is_superuser:
        raise Http404("This list is for administrators.")
    return _list(request, everyone=True)


@require_POST
def revoke(request: HttpRequest) -> HttpResponse:
    """One link, or all in the list that the form stands on. An administrator may revoke those of others."""
    person = _person(request)
    everyone = person.is_superuser and ("link" in request.POST or "everyone" in request.POST)
    chosen = links_of(person, everyone=everyone)
    if "link" in request.POST:
        chosen = chosen.filter(pk=number(request.POST, "link") or 0)
    for link in revocable(chosen):
        audit.record(request, audit.REVOKED, project=link.project, completion_id=link.completion_id, share_link=link)
    count = revoke_links(chosen, person)
    back = reverse("links_of_everyone" if person.is_superuser and "everyone" in request.POST else "links")
    return redirect(f"{back}?revoked={count}")


def _list(request: HttpRequest, *, everyone: bool) -> HttpResponse:
    person, zone = _person(request), read_display(request).zone
    every = links_of(person, everyone=everyone)
    page = Paginator(every, PAGE).get_page(request.GET.get("page"))
    context = {
        "everyone": everyone,
        "page": page,
        "rows": [row(link, zone) for link in page],
        "revocable": revocable(every).count(),
        "revoked": number(request.GET, "revoked"),
        "offered": sharing_offered(),
    }
    return render(request, "share/links.html", context)


def _person(request: HttpRequest) -> User:
    """Without a login there are no links either."""
    if isinstance(request.user, User):
        return request.user
    raise Http404("Links belong to people.")
