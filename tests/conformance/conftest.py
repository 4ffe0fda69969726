"""The servers that are held to the API: the demo upstream on a socket, and a live one when it is named."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Thread

import pytest
from openai import OpenAI

from dashboard.upstream.demo.server import DemoServer

LIVE = os.environ.get("CONFORMANCE_BASE_URL", "")
DEMO_KEY = "sk-conformance-0001"


@dataclass(frozen=True)
class Target:
    """One server under test."""

    base_url: str
    key: str


@pytest.fixture(scope="session")
def demo() -> Iterator[Target]:
    with DemoServer(0, api_key=DEMO_KEY) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield Target(server.base_url, DEMO_KEY)
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def live() -> Target:
    if not LIVE:
        pytest.skip("no live server: set CONFORMANCE_BASE_URL and CONFORMANCE_API_KEY (make conformance)")
    return Target(LIVE, os.environ.get("CONFORMANCE_API_KEY", ""))


@pytest.fixture(scope="session", params=["demo", "live"] if LIVE else ["demo"])
def target(request: pytest.FixtureRequest) -> Target:
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Target)
    return found


@pytest.fixture(scope="session")
def client(target: Target) -> Iterator[OpenAI]:
    with OpenAI(base_url=target.base_url, api_key=target.key, max_retries=2, timeout=30) as client:
        yield client


@pytest.fixture(scope="session")
def demo_client(demo: Target) -> Iterator[OpenAI]:
    with OpenAI(base_url=demo.base_url, api_key=demo.key, max_retries=0) as client:
        yield client
