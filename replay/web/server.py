"""uvicorn, as it is run here: open answers end with it, in time, and quietly."""

import gc
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI
from uvicorn.server import HANDLED_SIGNALS

from replay.web.connection import MOST, Connection

KEPT = 75
"""Seconds that a connection may idle between requests: longer than proxies keep theirs."""
LEAVE = 1
"""Seconds that answers have when it ends; streams end at once."""
GONE = 1.7
"""Seconds after which it is gone: whoever still computes then has nobody to answer to."""
SWITCH = 0.0005
"""Seconds that a computation may keep streams waiting, before each of their writes."""
SPARE = 100
"""Files beside the connections: ledgers, tokens, what is loaded."""


class Server(uvicorn.Server):
    """Of one application."""

    def __init__(self, app: FastAPI, host: str, port: int) -> None:
        config = uvicorn.Config(
            app, host, port, http=Connection, ws="none", log_level="warning", access_log=False,
            server_header=False,
            timeout_keep_alive=KEPT, timeout_graceful_shutdown=LEAVE,
        )  # fmt: skip
        super().__init__(config)
        self.ends: list[Callable[[], None]] = [app.state.end]

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let whoever waits for news go, then end."""
        for end in self.ends:
            end()
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # what is cut off is no fault
        await super().shutdown(sockets)


def run(app: FastAPI, host: str, port: int) -> None:
    """Until Ctrl-C or SIGTERM, which are its ordinary end; alone in its process."""
    _open_many()
    sys.setswitchinterval(SWITCH)
    for each in HANDLED_SIGNALS:
        signal.signal(each, lambda *_: None)  # uvicorn raises them once more behind its own
    server = Server(app, host, port)
    server.ends.append(_be_gone)
    server.run()
    gc.freeze()  # what is loaded is not gone through once more: that takes a second


def _be_gone() -> None:
    timer = threading.Timer(GONE, os._exit, (0,))
    timer.daemon = True
    timer.start()


def _open_many() -> None:
    """Let as many connections be open as there may be."""
    try:
        import resource
    except ImportError:  # there is no such limit
        return
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST + SPARE if most == resource.RLIM_INFINITY else min(MOST + SPARE, most)
    if now < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
