"""The admin: people and groups. Signing in to it is signing in to the dashboard."""

from collections.abc import Callable

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
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


if settings.AUTH_PROVIDER:
    from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken

    from dashboard.provider import CONFIGURED

    admin.site.unregister([SocialAccount, SocialApp, SocialToken])

    @admin.register(SocialAccount)
    class IdentityAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
        """Who signs in as whom: a person can be linked by the subject that the provider knows them by."""

        fields = ("user", "provider", "uid")
        list_display = ("user", "uid", "provider", "last_login")
        raw_id_fields = ("user",)
        search_fields = ("uid", "user__username")

        def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, str | list[str]]:
            return {"provider": CONFIGURED.issuer}


if settings.SECOND_FACTOR:
    from allauth.mfa.models import Authenticator

    admin.site.unregister(Authenticator)

    @admin.register(Authenticator)
    class SecondFactorAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
        """To take away what somebody has lost. Nothing is added or changed here, and no secret is shown."""

        fields = readonly_fields = ("user", "type", "created_at", "last_used_at")
        list_display = ("user", "type", "created_at", "last_used_at")
        search_fields = ("user__username",)

        def has_add_permission(self, request: HttpRequest) -> bool:
            return False

        def has_change_permission(self, request: HttpRequest, obj: Authenticator | None = None) -> bool:
            return False
