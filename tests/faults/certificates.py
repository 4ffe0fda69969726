"""Certificates for the faults of TLS, made by `openssl` in a temporary folder: an authority that is trusted, and one that is not."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PAST = ("20200101000000Z", "20200201000000Z")
NOW = ("20240101000000Z", "20990101000000Z")
FUTURE = ("20980101000000Z", "20990101000000Z")
CONFIGURATION = """
[ca]
default_ca = authority
[authority]
database = index
serial = serial
new_certs_dir = .
default_md = sha256
policy = policy
unique_subject = no
copy_extensions = copy
[policy]
commonName = supplied
[req]
distinguished_name = name
[name]
"""


def available() -> bool:
    return shutil.which("openssl") is not None


@dataclass(frozen=True)
class Certificates:
    folder: Path

    @property
    def trusted(self) -> Path:
        return self.folder / "authority.pem"

    def server(self, name: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / f"{name}.pem", self.folder / "key.pem")
        return context


def make_certificates(folder: Path, proxied: Iterable[str]) -> Certificates:
    """One key for all of them: what is tested are names, dates and signatures. `proxied` are names behind the proxy."""
    folder.mkdir()
    (folder / "openssl.cnf").write_text(CONFIGURATION)
    _openssl(folder, "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem")
    for authority in ("authority", "stranger"):
        _openssl(
            folder,
            f"{SELF_SIGNED} -subj /CN={authority} -addext basicConstraints=critical,CA:TRUE -out {authority}.pem",
        )
    _openssl(folder, f"{SELF_SIGNED} -subj /CN=localhost -addext subjectAltName=DNS:localhost -out self-signed.pem")
    _signed(folder, "sound", "DNS:localhost,IP:127.0.0.1", NOW)
    _signed(folder, "proxied", ",".join(f"DNS:{name}" for name in proxied), NOW)
    _signed(folder, "other-host", "DNS:other.example", NOW)
    _signed(folder, "expired", "DNS:localhost", PAST)
    _signed(folder, "not-yet", "DNS:localhost", FUTURE)
    _signed(folder, "unknown", "DNS:localhost", NOW, authority="stranger")
    return Certificates(folder)


SELF_SIGNED = "req -x509 -config openssl.cnf -key key.pem -days 3650"


def _signed(folder: Path, name: str, hosts: str, dates: tuple[str, str], authority: str = "authority") -> None:
    (folder / "index").write_text("")
    (folder / "serial").write_text("1000")
    request = f"req -new -config openssl.cnf -key key.pem -subj /CN={name} -addext subjectAltName={hosts}"
    _openssl(folder, f"{request} -out {name}.csr")
    issue = (
        f"ca -config openssl.cnf -cert {authority}.pem -keyfile key.pem -in {name}.csr -out {name}.pem -batch -notext"
    )
    _openssl(folder, f"{issue} -startdate {dates[0]} -enddate {dates[1]}")


def _openssl(folder: Path, arguments: str) -> None:
    subprocess.run(["openssl", *arguments.split()], cwd=folder, check=True, capture_output=True, timeout=30)
