"""Behind a proxy where TLS ends: names, cookies, addresses and streams are as without one."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from web_served import MEI, event, filled, served, token

from replay.library import Ledger
from replay.web.access.grants import Role
from replay.web.settings import Limits, Settings

from .test_events import read

NAME = "ledger.example"
PEOPLE = {"Accept": "text/html", "Host": NAME}


@contextmanager
def proxy(port: int, host: str = "") -> Iterator[httpx.Client]:
    """What a proxy does: one connection for each request, and three headers; no TLS, as it is."""

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer), suppress(asyncio.IncompleteReadError):  # who has nothing more to ask
            await passed(reader, writer)

    async def passed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.split(b"\r\n")[:-2]
        fields = [line.split(b": ", 1) for line in lines]
        known = [v for k, v in fields if k.lower() == b"x-forwarded-for"]
        came = [v for k, v in fields if k.lower() == b"x-address"]  # of whoever asks
        kept = [(k, v) for k, v in fields if k.lower() not in {b"x-forwarded-for", b"connection"}]
        if host:
            kept = [(k, host.encode() if k.lower() == b"host" else v) for k, v in kept]
        kept += [
            (b"X-Forwarded-For", b", ".join([*known, *came] or [b"192.0.2.1"])),
            (b"X-Forwarded-Proto", b"https"),
            (b"Connection", b"close"),
        ]
        there, answer = await asyncio.open_connection("127.0.0.1", port)
        with closing(answer):
            answer.write(b"\r\n".join([first, *(b"%s: %s" % each for each in kept), b"", b""]))
            await asyncio.gather(pipe(reader, answer), pipe(there, writer), return_exceptions=True)

    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(handle, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        here = server.sockets[0].getsockname()[1]
        with httpx.Client(base_url=f"http://127.0.0.1:{here}", timeout=20, headers=PEOPLE) as made:
            yield made
    finally:

        async def end() -> None:
            server.close()
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(end(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    access = tmp_path / "tokens.db"
    token(access, Role.ADMIN)
    return Settings(filled(tmp_path, MEI), access=access, hosts=("127.0.0.1", NAME))


@pytest.fixture
def client(settings: Settings) -> Iterator[httpx.Client]:
    with served(settings) as server, proxy(server.base_url.port or 0) as client:
        yield client


def test_a_person_signs_in_through_it(client: httpx.Client, settings: Settings) -> None:
    assert settings.access is not None
    shown = token(settings.access, Role.AUDITOR)["Authorization"].removeprefix("Bearer ")
    assert client.get("/creators/mei").status_code == 401
    here = {"Origin": f"https://{NAME}"}
    answer = client.post("/login?next=/creators/mei", data={"token": shown}, headers=here)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/creators/mei"  # of whichever name
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-")
    assert "Secure" in cookie
    assert "Domain" not in cookie
    known = {"Cookie": cookie.partition(";")[0]}
    assert client.get("/creators/mei", headers=known).status_code == 200
    language = client.get("/creators/mei?lang=zh", headers=known).headers["Set-Cookie"]
    assert "Secure" in language
    foreign = {"Origin": "https://evil.example"}
    assert client.post("/logout", headers=known | foreign).status_code == 403


def test_another_name_is_refused_and_so_is_a_proxy_that_hides_it(settings: Settings) -> None:
    with served(settings) as server:
        port = server.base_url.port or 0
        with proxy(port) as client:
            assert client.get("/", headers={"Host": "other.example"}).status_code == 421
            forwarded = {"Host": "other.example", "X-Forwarded-Host": NAME}
            assert client.get("/", headers=forwarded).status_code == 421
            assert client.get("/login").status_code == 200
        with proxy(port, "upstream:8000") as client:
            assert client.get("/login").status_code == 421


def test_each_address_behind_it_has_a_rate_of_its_own_and_can_not_lie(tmp_path: Path) -> None:
    settings = Settings(filled(tmp_path, MEI), hosts=(NAME,), limits=Limits(rate=0.1, burst=3))
    with served(settings) as server, proxy(server.base_url.port or 0) as client:
        for address, wanted in (("192.0.2.7", 200), ("192.0.2.8", 200)):
            for _ in range(3):
                said = client.get("/rulebooks", headers={"X-Address": address})
                assert said.status_code == wanted
        for lie in ("198.51.100.1", "127.0.0.1", "x"):
            given = {"X-Address": "192.0.2.7", "X-Forwarded-For": lie}
            assert client.get("/rulebooks", headers=given).status_code == 429


def test_a_stream_comes_through_it_as_it_is(tmp_path: Path) -> None:
    place = filled(tmp_path, MEI)
    with (
        served(Settings(place, hosts=(NAME,))) as server,
        proxy(server.base_url.port or 0) as client,
        client.stream("GET", "/api/v1/events") as stream,
        Ledger.open(place) as ledger,
    ):
        assert stream.headers["X-Accel-Buffering"] == "no"
        ledger.append([event(1)])
        assert read(stream, 1)[0][1]["id"] == "n1"
