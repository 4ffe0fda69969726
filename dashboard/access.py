"""Who may see the completions of a project, and who may share them. Rights are given to groups, in the admin."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, Group, Permission, User
from django.contrib.contenttypes.models import ContentType

from dashboard.models import ProjectRight
from dashboard.projects import Project, all_projects

Person = User | AnonymousUser | AbstractBaseUser
VIEW, SHARE = "view", "share"


def may_view(person: Person, project: str) -> bool:
    return not settings.LOGIN_REQUIRED or _has_right(person, VIEW, project)


def may_share(person: Person, project: str) -> bool:
    """Only people can: a link has a creator, who answers for it."""
    return sharing_offered() and _has_right(person, VIEW, project) and _has_right(person, SHARE, project)


def sharing_offered() -> bool:
    return bool(settings.SHARING and settings.LOGIN_REQUIRED)


def visible_projects(person: Person) -> dict[str, Project]:
    return {name: project for name, project in all_projects().items() if may_view(person, name)}


def sync_rights() -> None:
    """A right to view and one to share for each configured project, and a group that has each of them.

    Rights of projects that are gone stay: who had them has them again when the project comes back.
    """
    content_type = ContentType.objects.get_for_model(ProjectRight)
    for project in all_projects():
        for action, words in ((VIEW, "may view"), (SHARE, "may share")):
            right, is_new = Permission.objects.get_or_create(
                content_type=content_type,
                codename=_codename(action, project),
                defaults={"name": f"{project}: {words} completions"},
            )
            if is_new:
                group, _ = Group.objects.get_or_create(name=f"{project}: {words}")
                group.permissions.add(right)


def _has_right(person: Person, action: str, project: str) -> bool:
    return isinstance(person, User) and person.has_perm(f"dashboard.{_codename(action, project)}")


def _codename(action: str, project: str) -> str:
    return f"{action}:{project}"
