"""A wire to PostgreSQL that can lose a COMMIT, or the answer to one."""

import socket
import threading
from contextlib import suppress
from typing import Self


class Proxy:
    def __init__(self, target: int) -> None:
        self.target = target
        self.lost = 0
        self._armed: bool | None = None
        self._for_good = False
        self._swallow: socket.socket | None = None
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def lose_next_commit(self, *, delivered: bool, for_good: bool = False) -> None:
        """`for_good`: nobody gets through any more."""
        self._armed, self._for_good = delivered, for_good

    def cut(self) -> None:
        for s in self._open:
            with suppress(OSError):
                s.shutdown(socket.SHUT_RDWR)
            s.close()
        self._open.clear()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self.target))
                self._open += [client, server]
                for pump in (self._to_server, self._to_client):
                    threading.Thread(target=pump, args=(client, server), daemon=True).start()

    def _to_server(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                if self._armed is not None and b"COMMIT\x00" in data:
                    delivered, self._armed = self._armed, None
                    if delivered:
                        self._deliver(server, data)
                    self.lost += 1
                    if self._for_good:
                        self._listener.shutdown(socket.SHUT_RDWR)
                        self._listener.close()
                        self.cut()
                    break
                server.sendall(data)
        self._close(client, server)

    def _deliver(self, server: socket.socket, data: bytes) -> None:
        """Let the server commit: it has when another connection can see it, so wait a moment."""
        self._swallow = server
        server.sendall(data)
        threading.Event().wait(0.2)

    def _to_client(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                if self._swallow is server:
                    break
                client.sendall(data)

    def _close(self, *sockets: socket.socket) -> None:
        for s in sockets:
            with suppress(OSError):
                s.shutdown(socket.SHUT_RDWR)
            s.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self.cut()
