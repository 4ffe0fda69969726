"""Every address of the site. Links are for ever: change nothing here that was released."""

from allauth.account import views as account
from django.conf import settings
from django.contrib import admin
from django.urls import path, register_converter
from django.urls.converters import StringConverter

from dashboard.upstream.records import ID
from dashboard.views import (
    code,
    completion,
    completions,
    document,
    health,
    logprobs,
    neighbours,
    panel,
    password,
    setup,
)


class CompletionId(StringConverter):
    """Whatever else stands in that place of an address is 404 before anything is asked."""

    regex = ID.pattern


class ProjectName(StringConverter):
    regex = "[a-z0-9][a-z0-9-]{0,62}"


register_converter(CompletionId, "id")
register_converter(ProjectName, "project")

handler429 = "dashboard.views.refused.too_many"

# What an extra adds; its module can be imported only while it is switched on.
login, provider_urls = account.login, []
if settings.AUTH_PROVIDER:
    from dashboard.views import provider

    login = provider.login
    provider_urls = [
        path("login/callback/", provider.callback, name="provider_callback"),
        path("account/provider/", provider.link, name="provider_link"),
    ]
second_factor_urls = []
if settings.SECOND_FACTOR:
    from allauth.mfa.base import views as mfa
    from allauth.mfa.recovery_codes import views as recovery_codes
    from allauth.mfa.totp import views as totp
    from allauth.mfa.webauthn import views as keys

    from dashboard.views import second_step

    index = mfa.IndexView.as_view(extra_context={"is_required": settings.SECOND_FACTOR == "required"})
    remove_key = keys.RemoveWebAuthnView.as_view(success_url="/account/mfa/")
    second_factor_urls = [
        path("login/second/", second_step.second_step, name="mfa_authenticate"),
        path("account/mfa/", index, name="mfa_index"),
        path("account/mfa/app/", totp.activate_totp, name="mfa_activate_totp"),
        path("account/mfa/app/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
        path("account/mfa/codes/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
        path("account/mfa/codes/new/", recovery_codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
        path("account/mfa/keys/add/", keys.add_webauthn, name="mfa_add_webauthn"),
        path("account/mfa/keys/<int:pk>/remove/", remove_key, name="mfa_remove_webauthn"),
        path("account/again/code/", mfa.reauthenticate, name="mfa_reauthenticate"),
        path("account/again/key/", keys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    ]
again_urls = []
if provider_urls or second_factor_urls:
    again_urls = [path("account/again/", account.reauthenticate, name="account_reauthenticate")]

urlpatterns = [
    path("", completions.home),
    path("healthz", health.healthz),
    # People
    path("login/", login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("account/password/", password.change, name="account_change_password"),
    path("setup/<str:secret>/", setup.setup),
    path("admin/", admin.site.urls),
    *provider_urls,
    *second_factor_urls,
    *again_urls,
    # One project
    path("<project:project>/completions/", completions.listing, name="list"),
    path("<project:project>/inputs/", completions.inputs, name="inputs"),
    # One completion
    path("<project:project>/completions/<id:completion_id>/", completion.completion, name="completion"),
    path("<project:project>/completions/<id:completion_id>/messages/", completion.messages),
    path("<project:project>/completions/<id:completion_id>/there/", completion.there),
    path("<project:project>/completions/<id:completion_id>/conversation.md", completion.markdown),
    path("<project:project>/completions/<id:completion_id>/logprobs/", logprobs.logprobs),
    path("<project:project>/completions/<id:completion_id>/logprobs/tokens.csv", logprobs.tokens_csv),
    path("<project:project>/completions/<id:completion_id>/tokens/<int:choice>/<int:place>/", logprobs.token),
    path("<project:project>/completions/<id:completion_id>/json/", document.json_tab),
    path("<project:project>/completions/<id:completion_id>/text/", document.text),
    path("<project:project>/completions/<id:completion_id>/media/", document.media),
    path("<project:project>/completions/<id:completion_id>/code/", code.code),
    path("<project:project>/completions/<id:completion_id>/code/run.<str:suffix>", code.run),
    path("<project:project>/completions/<id:completion_id>/panel/", panel.panel),
    path("<project:project>/completions/<id:completion_id>/newer/", neighbours.newer),
    path("<project:project>/completions/<id:completion_id>/older/", neighbours.older),
    # The twins: the bytes of the API as they were received
    path("<project:project>/completions.json", completions.listing_json),
    path("<project:project>/completions/<id:completion_id>.json", completion.completion_json),
    path("<project:project>/completions/<id:completion_id>/messages.json", completion.messages_json),
]
