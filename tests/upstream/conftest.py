import pytest

from dashboard.upstream.client import Client
from tests.upstream.fault_server import FaultServer

CANARY = "sk-CANARY-0123456789abcdefghijklmnopqrstuvwxyz"


@pytest.fixture
def canary() -> str:
    return CANARY


@pytest.fixture
def faulty():
    """A server on a raw socket that does to each connection what the test says."""
    with FaultServer() as server:
        yield server


@pytest.fixture
def client(faulty) -> Client:
    return Client(faulty.base_url, key=CANARY, key_variable="OPENAI_API_KEY", organization="org-1", project="proj_1")
