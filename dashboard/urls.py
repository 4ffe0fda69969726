"""Every address of the site. Links are for ever: change nothing here that was released."""

from collections.abc import Callable

from django.contrib import admin
from django.urls import URLPattern, include, path, register_converter
from django.urls.converters import StringConverter

from dashboard.extra_urls import extra_urls, login
from dashboard.inspection.shared_parts import Shown, read_shown
from dashboard.upstream.records import ID
from dashboard.views import (
    account,
    audit_log,
    code,
    completion,
    completions,
    document,
    examination,
    health,
    icon,
    logprobs,
    neighbours,
    panel,
    setup,
    shares,
    sharing,
    tokens,
)


class CompletionId(StringConverter):
    """Whatever else stands in that place of an address is 404 before anything is asked."""

    regex = ID.pattern


class ProjectName(StringConverter):
    regex = "[a-z0-9][a-z0-9-]{0,62}"


class ShownParts(StringConverter):
    """What a share link would show, such as `input-tools`."""

    regex = "[a-z-]+"

    def to_python(self, value: str) -> Shown:  # type: ignore[override]
        try:
            return read_shown(value)
        except LookupError:
            raise ValueError(value) from None


register_converter(CompletionId, "id")
register_converter(ProjectName, "project")
register_converter(ShownParts, "shown")


def shared(mounted: Callable[..., shares.View]) -> list[URLPattern]:
    """Every address below that of a share link, and the same below that of its preview."""
    return [
        path("", mounted(shares.transcript, is_page=True)),
        path("messages/", mounted(shares.messages, is_page=False)),
        path("text/", mounted(shares.text, is_page=False)),
        path("media/", mounted(shares.media, is_page=False)),
        path("logprobs/", mounted(shares.logprobs, is_page=True)),
        path("tokens/<int:choice>/<int:place>/", mounted(shares.token, is_page=False)),
        path("json/", mounted(shares.json_tab, is_page=True)),
    ]


handler500 = "dashboard.views.failed.failed"
handler429 = "dashboard.views.refused.too_many"  # allauth looks for it here
urlpatterns = [
    path("", completions.home),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("robots.txt", health.robots),
    path("favicon.ico", icon.icon),
    # People
    path("login/", login, name="account_login"),
    path("logout/", account.sign_out, name="account_logout"),
    path("account/password/", account.change_password, name="account_change_password"),
    path("account/tokens/", tokens.tokens, name="tokens"),
    path("account/tokens/<int:token_id>/revoke/", tokens.revoke, name="revoke_token"),
    *extra_urls,
    path("setup/<str:secret>/", setup.setup),
    path("doctor/", examination.doctor, name="doctor"),
    path("doctor/<project:project>/", examination.examination, name="examination"),
    path("audit/", audit_log.audit_log, name="audit"),
    path("admin/", admin.site.urls),
    # Share links
    path("s/<str:secret>", shares.public(shares.transcript, is_page=True)),
    path("s/<str:secret>/", include(shared(shares.public))),
    path("s/", shares.nothing),
    path("s/<path:rest>", shares.nothing),
    path("links/", sharing.links, name="links"),
    path("links/everyone/", sharing.links_of_everyone, name="links_of_everyone"),
    path("links/revoke/", sharing.revoke),
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
    path("<project:project>/completions/<id:completion_id>/share/", sharing.share),
    path(
        "<project:project>/completions/<id:completion_id>/share/preview/<shown:shown>/", include(shared(shares.preview))
    ),
    path("<project:project>/completions/<id:completion_id>/newer/", neighbours.newer),
    path("<project:project>/completions/<id:completion_id>/older/", neighbours.older),
    # The twins: the bytes of the API as they were received
    path("<project:project>/completions.json", completions.listing_json),
    path("<project:project>/completions/<id:completion_id>.json", completion.completion_json),
    path("<project:project>/completions/<id:completion_id>/messages.json", completion.messages_json),
]
