"""gunicorn's threaded worker, with an end that breaks no answer and keeps nobody waiting."""

from __future__ import annotations

from gunicorn.http.message import Request
from gunicorn.sock import BaseSocket
from gunicorn.workers.gthread import TConn, ThreadWorker

LONGEST_SLEEP = 1.0


class DrainingWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Told to stop, gunicorn's own keeps its socket open while answers are under way, so that new connections
    hang until it is gone, and then break; and one idle browser makes it wait for the whole graceful timeout."""

    sockets: list[BaseSocket]

    def set_accept_enabled(self, enabled: bool) -> None:
        super().set_accept_enabled(enabled)
        if self.alive or enabled:
            return
        for listener in self.sockets:
            self._accept_all(listener)
            listener.close()
        self.sockets = []

    def _accept_all(self, listener: BaseSocket) -> None:
        """Who is connected already gets an answer; whoever comes later is refused at once, and can go elsewhere."""
        before = -1
        while before < self.nr_conns < self.worker_connections:
            before = self.nr_conns
            self.accept(listener)

    def handle_request(self, req: Request, conn: TConn) -> bool:
        """What is answered after the signal says that the connection ends, so that nobody asks on it once more."""
        closes = req.should_close
        req.should_close = lambda: not self.alive or closes()
        return bool(super().handle_request(req, conn))

    def murder_keepalived(self) -> None:
        if not self.alive:
            for connection in self.keepalived_conns:
                connection.timeout = 0.0
        super().murder_keepalived()

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Not longer than that, since connections that expire meanwhile are no event."""
        super().wait_for_and_dispatch_events(min(timeout, LONGEST_SLEEP))
