"""The addresses of single sign-on and of the second step; none of them is there while its extra is off."""

from allauth.account import views as account
from django.conf import settings
from django.urls import URLPattern, path

# A module can be imported only while its extra is switched on.
login = account.login
provider_urls: list[URLPattern] = []
if settings.AUTH_PROVIDER:
    from dashboard.views import provider

    login = provider.login
    provider_urls = [
        path("login/callback/", provider.callback, name="provider_callback"),
        path("account/provider/", provider.link, name="provider_link"),
    ]
second_factor_urls: list[URLPattern] = []
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
again_urls: list[URLPattern] = []
if provider_urls or second_factor_urls:
    again_urls = [path("account/again/", account.reauthenticate, name="account_reauthenticate")]
extra_urls = [*provider_urls, *second_factor_urls, *again_urls]
