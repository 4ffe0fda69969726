"""What calls would be made with: address, headers, proxy, certificates. No call is made to find out."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from dashboard.configuration import LOOPBACK_HOSTS
from dashboard.doctor.findings import Finding, Verdict, finding, short
from dashboard.projects import Project

HEADERS = ("OpenAI-Organization", "OpenAI-Project")
SHORT_KEY, LONG_KEY = 20, 100
"""Characters. Keys of OpenAI have 51 or more, those of Azure 32 or 84."""


def variable(project: Project, name: str) -> str:
    """What `OPENAI_<name>` is called for this project."""
    return f"{(project.key_variable or 'OPENAI_API_KEY').removesuffix('API_KEY')}{name}"


def configured(project: Project) -> Iterator[Finding]:
    if project.is_demo:
        sentence = f"No key is set: {project.samples} samples inside of this process stand for the API."
        yield finding("address", Verdict("ok", sentence))
        return
    yield finding("address", _address(project))
    yield finding("headers", _headers(project))
    yield finding("proxy", _proxy(project))
    yield finding("certificates", _certificates(project))


def key_source(project: Project) -> str:
    """Where the key comes from and about how long it is. Nothing else of a key is ever said."""
    if project.key_length < SHORT_KEY:
        length = f"shorter than {SHORT_KEY} characters"
    elif project.key_length < LONG_KEY:
        length = f"{SHORT_KEY} to {LONG_KEY - 1} characters"
    else:
        length = f"{LONG_KEY} characters or more"
    return f"It comes from {project.key_variable} and is {length}."


def _address(project: Project) -> Verdict:
    # Names alone, since the value of a fixed parameter may be a key of some gateway.
    names = ", ".join(short(name) for name, _ in project.fixed_query)
    words = f"{project.base_url}, with a fixed {names}." if names else project.base_url
    parts = urlsplit(project.base_url)
    host = parts.hostname or ""
    if parts.scheme == "https" or not LOOPBACK_HOSTS.isdisjoint({host, f"[{host}]"}):
        return Verdict("ok", words)
    return Verdict(
        "note",
        f"{words} It is not https: the key and all completions can be read on the way.",
        f"Use https in {variable(project, 'BASE_URL')}, where the server offers it.",
    )


def _headers(project: Project) -> Verdict:
    sent = [f"{name} is {'sent' if name in project.sent_headers else 'not sent'}" for name in HEADERS]
    key = "The key goes" if project.key_length else "A key would go"
    return Verdict("ok", f"{', '.join(sent)}. {key} into the header {project.key_header}.")


def _proxy(project: Project) -> Verdict:
    if proxy := project.client.way().proxy:
        return Verdict("ok", f"Calls go through the proxy {proxy}, which a proxy variable of the environment names.")
    return Verdict("ok", "None: calls go straight to the API.")


def _certificates(project: Project) -> Verdict:
    if not project.base_url.startswith("https:"):
        return Verdict("ok", "None are needed, as the address is not https.")
    if path := project.client.way().certificates:
        return Verdict("ok", f"Those in {path} are trusted, instead of the public ones.")
    return Verdict("ok", "The public ones are trusted.")
