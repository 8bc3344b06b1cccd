"""One connection, with an end to patience: who sends or takes too slowly is cut off."""

import asyncio
import socket
from collections.abc import Mapping
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

SENT: Mapping[object, float] = {h11.IDLE: 10.0, h11.SEND_BODY: 30.0}
"""Seconds from the first byte in which the head of a request, then its body, is whole."""
TAKEN = 30.0
"""Seconds that what was sent may lie there untaken, or unacknowledged."""
MOST = 4096
"""Connections at once; the next is told to come again."""
UNTAKEN: int | None = getattr(socket, "TCP_USER_TIMEOUT", None)  # of Linux


class Connection(H11Protocol):
    """As uvicorn has it. In: bytes of somebody. Out: the same, or 408, 503 and an end."""

    _awaited: object = None
    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin; its head has to come."""
        super().connection_made(transport)
        if len(self.connections) > MOST:
            self._end("503 Service Unavailable", "all are busy: ask again in a moment")
            return
        if UNTAKEN is not None:
            own: Any = transport.get_extra_info("socket")
            own.setsockopt(socket.IPPROTO_TCP, UNTAKEN, int(TAKEN * 1000))
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Some more; what is whole is waited for no longer."""
        super().data_received(data)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._stop()
        super().connection_lost(exc)

    def _wait(self) -> None:
        state = self.conn.their_state
        if state is self._awaited:
            return
        self._stop()
        self._awaited = state
        if state in SENT and not self.transport.is_closing():
            self._patience = self.loop.call_later(SENT[state], self._too_slow)

    def _stop(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _too_slow(self) -> None:
        if self.cycle is None or not self.cycle.response_started:
            self._end("408 Request Timeout", "the request came too slowly")
        else:
            self.transport.close()

    def _end(self, status: str, said: str) -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {len(said)}\r\n"
        self.transport.write(f"{head}Retry-After: 1\r\nConnection: close\r\n\r\n{said}".encode())
        self.transport.close()
