"""A wire to a server that breaks where it is told: at a message, after a share of its bytes."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple, Self

UP, DOWN = "to the server", "of the answer"


class Cut(NamedTuple):
    """After `share` of the bytes of the n-th message in a direction, counted from now."""

    direction: str
    message: int
    share: float


class Wire:
    """A TCP proxy. `broken` counts the cuts that have happened."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.broken = 0
        self._cut: Cut | None = None
        self._passed = 0
        self._then: Callable[[], None] = lambda: None
        self._turn = threading.Lock()
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def arm(self, cut: Cut | None, then: Callable[[], None] = lambda: None) -> None:
        """Break at a message; `then` is called at that moment, before the ends hear of it."""
        with self._turn:
            self._cut, self._passed, self._then = cut, 0, then

    @property
    def armed(self) -> bool:
        return self._cut is not None

    def point_to(self, port: int) -> None:
        """Another server answers from now on."""
        self.target = port
        self.cut()

    def cut(self) -> None:
        for s in self._open:
            _shut(s)
        self._open.clear()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                try:
                    server = socket.create_connection(("127.0.0.1", self.target))
                except OSError:
                    _shut(client)
                    continue
                self._open += [client, server]
                for ends in ((client, server, UP), (server, client, DOWN)):
                    threading.Thread(target=self._pump, args=ends, daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, direction: str) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                kept, then = self._let_through(data, direction)
                sink.sendall(kept)
                if then is not None:
                    then()
                    break
        _shut(source)
        _shut(sink)

    def _let_through(self, data: bytes, direction: str) -> tuple[bytes, Callable[[], None] | None]:
        """What passes of a message, and what to do if the wire breaks here."""
        with self._turn:
            cut = self._cut
            if cut is None or cut.direction != direction:
                return data, None
            self._passed += 1
            if self._passed < cut.message:
                return data, None
            self._cut = None
            self.broken += 1
            return data[: round(len(data) * cut.share)], self._then

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self.cut()


def _shut(s: socket.socket) -> None:
    with suppress(OSError):
        s.shutdown(socket.SHUT_RDWR)
    s.close()
