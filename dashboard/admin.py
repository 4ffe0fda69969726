"""The admin: people and groups. Signing in to it is signing in to the dashboard."""

from collections.abc import Callable

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_http_methods

View = Callable[..., HttpResponseBase]

_admin_view = admin.site.admin_view


def _pages_and_forms(view: View, cacheable: bool = False) -> View:
    """Most pages of the admin would answer OPTIONS and TRACE as GET."""
    return require_http_methods(["GET", "HEAD", "POST"])(_admin_view(view, cacheable))


admin.site.admin_view = _pages_and_forms  # type: ignore[method-assign,assignment]

admin.site.site_header = "Completions Dashboard"
admin.site.site_title = "Completions Dashboard"
admin.site.index_title = "People and groups"
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
# Nothing is sent by mail.
admin.site.unregister(EmailAddress)
