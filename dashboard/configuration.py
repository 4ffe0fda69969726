"""Environment variables -> projects and plain values. Pure: `settings.py` alone hands the environment in.

Every fault is an ImproperlyConfigured whose text is one sentence that names the variable, never its value.
"""

from __future__ import annotations

import ipaddress
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, urlsplit

from django.core.exceptions import ImproperlyConfigured

Environment = Mapping[str, str]

OPENAI_BASE_URL = "https://api.openai.com/v1"
SHORTEST_OPENAI_KEY = 20
LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})
HOST_LABEL = "[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
KEY_HEADERS = {"bearer": "Authorization", "api-key": "api-key"}
LOG_LEVELS = ("DEBUG", "INFO", "WARNING")
KEYS_OF_OTHERS = {"AZURE_OPENAI_API_KEY"}
"""Variables in the form of ours that another program may have brought: they are no mistake."""
RESERVED_NAMES = frozenset(
    {"account", "admin", "audit", "demo", "doctor", "favicon.ico", "healthz", "links", "login", "logout"}
    | {"readyz", "robots.txt", "s", "setup", "static"}
)


@dataclass(frozen=True)
class ProjectSettings:
    """One configured upstream and its key."""

    name: str
    base_url: str
    key: str = field(repr=False)
    key_header: str
    key_variable: str
    organization: str
    openai_project: str
    fixed_query: tuple[tuple[str, str], ...]


def read_projects(environment: Environment) -> tuple[ProjectSettings, ...]:
    """`default` from the plain OPENAI_* variables, then those named by DASHBOARD_PROJECTS; empty means demo."""
    listed = environment.get("DASHBOARD_PROJECTS", "").strip()
    names = [name.strip() for name in listed.split(",") if name.strip()]
    if listed and not names:
        raise ImproperlyConfigured("DASHBOARD_PROJECTS is set, but names no project.")
    for name in names:
        _check_name(name, names)
    projects = [_project(environment, name, f"{name.upper().replace('-', '_')}_") for name in names]
    if read_secret(environment, "OPENAI_API_KEY"):
        projects.insert(0, _project(environment, "default", ""))
    else:
        _refuse_half_set(environment)
    _refuse_unused_keys(environment, {project.key_variable for project in projects} | KEYS_OF_OTHERS)
    return tuple(projects)


def read_secret(environment: Environment, variable: str) -> str:
    """The value of a variable, or of the file that `<variable>_FILE` names; empty when neither is set."""
    value, path = environment.get(variable, ""), environment.get(f"{variable}_FILE", "")
    if value and path:
        raise ImproperlyConfigured(f"{variable} and {variable}_FILE are both set; keep one of them.")
    if path:
        try:
            value = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise ImproperlyConfigured(f"{variable}_FILE names a file that cannot be read.") from None
        if not value.strip():
            raise ImproperlyConfigured(f"{variable}_FILE names a file that is empty.")
    value = value.strip()
    if not re.fullmatch(r"[!-~]*", value):
        raise ImproperlyConfigured(f"{variable} holds characters that cannot be sent in a header.")
    return value


def keys_in_clear(projects: tuple[ProjectSettings, ...]) -> list[str]:
    """The variables of keys that leave this machine without TLS: often within a private network, so it is only said."""
    addresses = [(project.key_variable, urlsplit(project.base_url)) for project in projects]
    return [name for name, parts in addresses if parts.scheme == "http" and not _is_loopback(parts.hostname or "")]


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def read_secret_key(environment: Environment) -> str:
    """Empty when none is set."""
    key = read_secret(environment, "DASHBOARD_SECRET_KEY")
    if key and len(key) < 40:
        raise ImproperlyConfigured("DASHBOARD_SECRET_KEY must have at least 40 characters.")
    if key and (key.startswith("django-insecure-") or len(set(key)) < 5):
        raise ImproperlyConfigured("DASHBOARD_SECRET_KEY must be random, such as what openssl rand -hex 32 prints.")
    return key


def read_hosts(environment: Environment) -> list[str]:
    """Exact host names."""
    hosts = [host.strip() for host in environment.get("DASHBOARD_ALLOWED_HOSTS", "").split(",") if host.strip()]
    for host in hosts:
        if not re.fullmatch(r"[A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\]", host) or host.startswith("."):
            raise ImproperlyConfigured("DASHBOARD_ALLOWED_HOSTS must list exact host names, without * and ports.")
    return hosts or sorted(LOOPBACK_HOSTS)


def read_login(environment: Environment, *, is_demo: bool, loopback_only: bool) -> bool:
    """Whether a login is required: by default as soon as there is something to protect, or somebody else to see it."""
    value = environment.get("DASHBOARD_LOGIN", "").strip().lower()
    if value not in {"", "required", "none"}:
        raise ImproperlyConfigured("DASHBOARD_LOGIN must be required or none.")
    if value == "none" and not loopback_only:
        raise ImproperlyConfigured(
            "DASHBOARD_LOGIN may be none only while DASHBOARD_ALLOWED_HOSTS names loopback hosts alone."
        )
    return value == "required" if value else not (is_demo and loopback_only)


def read_number(environment: Environment, variable: str, default: int, lowest: int, highest: int) -> int:
    value = environment.get(variable, "").strip()
    if not value:
        return default
    if not re.fullmatch(r"[0-9]{1,9}", value) or not lowest <= int(value) <= highest:
        raise ImproperlyConfigured(f"{variable} must be a whole number from {lowest} to {highest}.")
    return int(value)


def read_switch(environment: Environment, variable: str, default: bool) -> bool:
    value = environment.get(variable, "").strip().lower()
    if value not in {"", "on", "off"}:
        raise ImproperlyConfigured(f"{variable} must be on or off.")
    return value == "on" if value else default


def read_log_level(environment: Environment) -> str:
    value = environment.get("DASHBOARD_LOG_LEVEL", "").strip().upper() or "INFO"
    if value not in LOG_LEVELS:
        raise ImproperlyConfigured("DASHBOARD_LOG_LEVEL must be DEBUG, INFO or WARNING.")
    return value


def check_certificates(environment: Environment, *variables: str) -> None:
    """`requests` reads the first of these that is set, at each call; a fault in it is better told at the start."""
    variable = next((variable for variable in variables if environment.get(variable)), "")
    path = environment.get(variable, "")
    if not path or Path(path).is_dir():
        return
    try:
        ssl.create_default_context(cafile=path)
    except OSError:
        raise ImproperlyConfigured(f"{variable} names neither a file of certificates nor a folder of them.") from None


def _project(environment: Environment, name: str, prefix: str) -> ProjectSettings:
    variable = f"{prefix}OPENAI_API_KEY"
    key = read_secret(environment, variable)
    if not key:
        raise ImproperlyConfigured(f"{variable} is not set, though DASHBOARD_PROJECTS names {name}.")
    base_url, fixed_query = _base_url(environment, f"{prefix}OPENAI_BASE_URL")
    if base_url == OPENAI_BASE_URL and len(key) < SHORTEST_OPENAI_KEY:
        raise ImproperlyConfigured(f"{variable} is shorter than any key of OpenAI; a part of it may be missing.")
    return ProjectSettings(
        name=name,
        base_url=base_url,
        key=key,
        key_header=_key_header(environment, f"{prefix}OPENAI_KEY_HEADER"),
        key_variable=variable,
        organization=read_secret(environment, f"{prefix}OPENAI_ORG_ID"),
        openai_project=read_secret(environment, f"{prefix}OPENAI_PROJECT_ID"),
        fixed_query=fixed_query,
    )


def _base_url(environment: Environment, variable: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    value = environment.get(variable, "").strip() or OPENAI_BASE_URL
    try:
        parts = urlsplit(value)
        sound = parts.scheme in {"http", "https"} and parts.port != 0 and _has_sound_host(parts)
    except ValueError:
        sound = False
    if not sound or not re.fullmatch(r"[!-\[\]-~]+", value):
        raise ImproperlyConfigured(f"{variable} must be an address such as https://host/v1.")
    if "@" in parts.netloc or "#" in value:
        raise ImproperlyConfigured(f"{variable} must hold no user name, password or fragment.")
    return f"{parts.scheme}://{parts.netloc}{parts.path}", tuple(parse_qsl(parts.query, keep_blank_values=True))


def _has_sound_host(parts: SplitResult) -> bool:
    """A name as DNS allows it, or an address. Of a name that ends in a number, resolvers expect an address."""
    host = parts.hostname or ""
    if not re.fullmatch(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]*)?", parts.netloc.rpartition("@")[2]):
        return False
    if ":" in host or host.rpartition(".")[2].isdigit():
        return bool(ipaddress.ip_address(host))
    return len(host) <= 253 and bool(re.fullmatch(rf"({HOST_LABEL}\.)*{HOST_LABEL}\.?", host))


def _key_header(environment: Environment, variable: str) -> str:
    value = environment.get(variable, "").strip().lower() or "bearer"
    if value not in KEY_HEADERS:
        raise ImproperlyConfigured(f"{variable} must be bearer or api-key.")
    return KEY_HEADERS[value]


def _check_name(name: str, names: list[str]) -> None:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", name):
        raise ImproperlyConfigured("DASHBOARD_PROJECTS may hold lower-case letters, digits and hyphens only.")
    if name in RESERVED_NAMES or name == "default":
        raise ImproperlyConfigured(f"DASHBOARD_PROJECTS may not name a project {name}, which the site uses itself.")
    if names.count(name) > 1:
        raise ImproperlyConfigured(f"DASHBOARD_PROJECTS names {name} twice.")


def _refuse_half_set(environment: Environment) -> None:
    for variable in ("OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_KEY_HEADER"):
        if environment.get(variable, "").strip():
            raise ImproperlyConfigured(f"OPENAI_API_KEY is not set, though {variable} is.")


def _refuse_unused_keys(environment: Environment, used: set[str]) -> None:
    """Whoever sets a key expects its completions; without this sentence demo data would stand in their place."""
    for name in sorted(environment):
        variable = name.removesuffix("_FILE")
        if variable.endswith("_OPENAI_API_KEY") and variable not in used and environment[name].strip():
            raise ImproperlyConfigured(f"{name} is set, but DASHBOARD_PROJECTS does not name its project.")
