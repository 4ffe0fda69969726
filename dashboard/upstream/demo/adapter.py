"""The demo upstream behind `requests`: mount it and the client needs to know nothing else.

    session.mount("demo://", DemoAdapter())
    session.get("demo://samples/v1/chat/completions?limit=2")

`requests` leaves addresses that do not begin with "http" as they are and DROPS `params=` for them, so the
query has to be part of the address.
"""

from collections.abc import Mapping
from io import BytesIO
from urllib.parse import urlsplit

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPResponse

from dashboard.upstream.demo.api import answer
from dashboard.upstream.demo.store import ProcessStore, process_store

BASE_URL = "demo://samples/v1"


class DemoAdapter(BaseAdapter):
    """Answers requests from the samples, without a socket; the body can be streamed like any other."""

    def __init__(self, source: ProcessStore = process_store) -> None:
        super().__init__()
        self._source = source

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> Response:
        """The API's answer as a Response; stream and the rest change nothing, there is no connection."""
        address = urlsplit(request.url or "")
        found = answer(self._source.get(), request.method or "GET", address.path, address.query)
        response = Response()
        response.status_code = found.status
        response.headers = CaseInsensitiveDict(found.headers)
        response.encoding = "utf-8"
        response.url = request.url or ""
        response.request = request
        response.raw = HTTPResponse(
            body=BytesIO(found.body), headers=found.headers, status=found.status, preload_content=False
        )
        return response

    def close(self) -> None:
        """Nothing is open."""
