"""What a Redis that can't be used is told to a person: one sentence, never with a password."""

import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import redis
import redis_servers
from readmodels_world import assert_exact, follow, opened, step
from servers import free_port

from projections.readmodels.contract import LEASE
from projections.readmodels.redis.connection import check, explain
from projections.readmodels.redis.keys import Keys, part, shard_of
from projections.readmodels.redis.target import open_redis
from projections.readmodels.redis.url import Address, read_url
from projections.readmodels.target import TargetError


def refusal(url: str, **more: Any) -> str:
    with pytest.raises(TargetError) as told:
        open_redis(url, **more)
    assert "s3cret" not in str(told.value)
    assert "\n" not in str(told.value)
    return str(told.value)


def test_nobody_listens() -> None:
    port = free_port()
    sentence = f"redis://127.0.0.1:{port} does not answer: is Redis running there?"
    assert refusal(f"redis://u:s3cret@127.0.0.1:{port}") == sentence
    assert "does not answer" in refusal("unix:///nowhere/s")
    assert "does not answer" in refusal(f"redis+cluster://127.0.0.1:{port}")
    assert "know no primary" in refusal(f"redis+sentinel://127.0.0.1:{port}/ours")


def test_no_such_host() -> None:
    assert "not known by that name" in refusal("redis://u:s3cret@nowhere.invalid")


def test_passwords() -> None:
    with redis_servers.server("--requirepass", "other") as server:
        at = server.url.removeprefix("redis://")
        assert "asks for a password" in refusal(server.url)
        for user in ("", "me"):
            sentence = refusal(f"redis://{user}:s3cret@{at}")
            assert "refuses this user or password" in sentence
        target = opened(f"redis://:other@{at}")
        follow(target, 2)
        assert "other" not in target.name
        target._do("CONFIG", "SET", "requirepass", "changed")
        target.close()  # the password is asked for when a connection is made
        with pytest.raises(TargetError, match="refuses this user or password"):
            target.generations()


def test_a_password_where_none_is_needed(valkey_url: str) -> None:
    said = refusal(valkey_url.replace("//", "//:s3cret@"))
    assert said.endswith("has no password, but the URL gives one: take it out of the URL")


def test_no_such_database(valkey_url: str) -> None:
    assert "no database of this number" in refusal(valkey_url[:-1] + "99")


def test_a_replica_may_only_be_read() -> None:
    with redis_servers.server() as primary, redis_servers.replica_of(primary) as replica:
        follow(opened(primary.url, "w"), 3)
        primary.call("WAIT", 1, 5000)
        target = opened(replica.url, "w")
        assert_exact(target)
        with pytest.raises(TargetError, match="is a replica and may only be read"):
            target.apply(step(4), "me", LEASE)


def test_a_disk_that_can_not_be_saved_to() -> None:
    with redis_servers.server("--save", "3600 1", disk=True) as server:
        target = opened(server.url)
        (server.home / "dump.rdb").mkdir()
        server.call("BGSAVE")
        failed = b"rdb_last_bgsave_status:err"
        redis_servers.until(lambda: failed in redis_servers.info(server, "persistence"))
        with pytest.raises(TargetError, match="MISCONF"):
            target.apply(step(1), "me", LEASE)
        assert target.generations() == []
        (server.home / "dump.rdb").rmdir()


def test_one_server_and_a_cluster_are_not_the_same(valkey_url: str) -> None:
    assert "is no cluster" in refusal(valkey_url.replace("redis", "redis+cluster").rstrip("/0"))
    with redis_servers.cluster(2) as nodes:
        for node in nodes:
            with suppress(TargetError):
                opened(node.url, "p")  # one of them has the slot
        assert any("write redis+cluster://" in str(_tried(node.url)) for node in nodes)


def _tried(url: str) -> TargetError | None:
    try:
        opened(url, "p")
    except TargetError as error:
        return error
    return None


def test_still_loading() -> None:
    error = redis.exceptions.BusyLoadingError("Redis is loading the dataset in memory")
    assert "still loading" in str(explain(error, "here"))


def test_what_nobody_foresaw_is_told_as_it_is() -> None:
    error = redis.exceptions.ResponseError("ERR what is that")
    assert str(explain(error, "here")) == "here can't be used: ERR what is that"


@pytest.mark.parametrize(
    ("version", "fine"), [("5.0.14", False), ("6.0.16", False), ("6.2.0", True), ("10.0", True)]
)
def test_old_versions_are_refused(version: str, fine: bool) -> None:
    class Old:
        where = "redis://h:1"

        def do(self, *_: object) -> dict[str, object]:
            return {"redis_version": version, "aof_enabled": 1}

    if fine:
        assert check(Old()) == []  # type: ignore[arg-type]
    else:
        with pytest.raises(TargetError, match=f"runs Redis {version}, which is too old"):
            check(Old())  # type: ignore[arg-type]


def test_what_is_dangerous_is_said_at_the_start(valkey_url: str) -> None:
    with redis_servers.server("--maxmemory-policy", "allkeys-lru") as server:
        policy, disk = opened(server.url).warnings()
        assert "allkeys-lru" in policy
        assert "keeps nothing on disk" in disk
        server.call("CONFIG", "SET", "save", "3600 1", "maxmemory-policy", "noeviction")
        assert opened(server.url).warnings() == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("hello", "not ours: give another prefix"),
        ('{"program":"other","layout":1,"shards":1}', "not ours: give another prefix"),
        ('{"program":"penalty-ledger","layout":2,"shards":1}', "a newer version of this program"),
        ('{"program":"penalty-ledger","layout":1,"shards":4}', "creators in 4 shards, not 1"),
    ],
)
def test_whose_keys_these_are(valkey_url: str, text: str, sentence: str) -> None:
    target = opened(valkey_url)
    prefix = target.keys.tag[1:].partition(":")[0]
    target._do("SET", target.keys.about, text)
    assert sentence in refusal(valkey_url, prefix=prefix, shards=1)
    with pytest.raises(TargetError, match=sentence):
        target.apply(step(1), "me", LEASE)
    assert target.generations() == []


def test_a_key_of_another_type_is_told(valkey_url: str) -> None:
    target = opened(valkey_url)
    target._do("LPUSH", target.keys.live, "1")
    with pytest.raises(TargetError, match="another type"):
        target.generations()


def test_the_number_of_shards_is_kept(valkey_url: str) -> None:
    first = open_redis(valkey_url, prefix="many", shards=4)
    assert sorted(s.shard for s in first if s.owns("mei")) == [shard_of("mei", 4)]
    follow(first[2], 1)
    first[0].apply(step(1), "me", LEASE)
    again = open_redis(valkey_url, prefix="many")
    assert len(again) == 4
    assert "in 4 shards, not 8" in refusal(valkey_url, prefix="many", shards=8)
    for one in (*first, *again):
        one.close()


def test_shards_are_those_of_the_documents() -> None:
    assert [shard_of(c, 16) for c in ("ada", "mei", "中")] == [8, 15, 11]
    assert [shard_of("mei", n) for n in (1, 2, 4)] == [0, 1, 3]


@pytest.mark.parametrize("prefix", ["", "a{b", "a:b", "é", "x" * 65])
def test_prefixes_are_words(prefix: str) -> None:
    with pytest.raises(TargetError, match="no prefix of keys"):
        Keys(prefix, 0)


@pytest.mark.parametrize("word", ["", "{x}", "a:b", "A", "a|b", "a b"])
def test_parts_of_keys_are_words(word: str) -> None:
    with pytest.raises(TargetError, match="no word of a rulebook"):
        part("stopped", word)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://", "redis://localhost:6379"),
        ("rediss://u:p%40@h:1/3?ssl_ca_certs=/ca", "rediss://h:1/3"),
        ("redis://[::1]:7/2", "redis://[::1]:7/2"),
        ("unix:///run/s.sock?db=2", "unix:///run/s.sock"),
        ("redis+sentinel://u:p@a:1,b/ours/4", "redis+sentinel://a:1,b:26379/ours/4"),
        ("rediss+cluster://:p@a,b:2", "rediss+cluster://a:6379,b:2"),
    ],
)
def test_urls(url: str, shown: str) -> None:
    assert str(read_url(url)) == shown


def test_what_a_url_says_in_percents() -> None:
    address = read_url("rediss://m%C3%A9:p%40%2F@h/3?ssl_ca_certs=/ca")
    assert (address.username, address.password) == ("mé", "p@/")
    assert (address.kind, address.tls, address.database) == ("redis", True, 3)
    assert address.options == {"ssl_ca_certs": "/ca"}
    assert read_url("redis+sentinel://h/s/4") == Address(
        kind="redis+sentinel", hosts=(("h", 26379),), service="s", database=4
    )


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("s3cret", "no URL of a Redis"),
        ("redis://u:s3/cret@h/0", "percent-encode what is special"),
        ("http://u:s3cret@h", "is reached by redis://"),
        ("redis://u:s3cret@h:x/0", "hosts in the URL are not right"),
        ("redis://a,b/0", "one server"),
        ("redis://h/one", "number of a database"),
        ("redis://h/0/1", "number of a database"),
        ("redis://h/0?timeout=1", "has only these options"),
        ("redis+sentinel://h", "which service"),
        ("redis+cluster://h/1", "has one database"),
    ],
)
def test_urls_that_are_wrong(url: str, sentence: str) -> None:
    with pytest.raises(TargetError, match=sentence) as told:
        read_url(url)
    assert "s3" not in str(told.value)


def test_the_package_may_be_missing() -> None:
    code = "import sys; sys.modules['redis'] = None; import projections.readmodels.redis.target"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "pip install 'penalty-ledger[redis]'" in done.stderr


@pytest.fixture
def certificate() -> Path:
    """Key and certificate of 127.0.0.1 in one file, for a hundred years; no secret."""
    return Path(__file__).with_name("here.pem")


@contextmanager
def tls_before(port: int, certificate: Path) -> Iterator[int]:
    """A server's port, with TLS before it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    listener = socket.create_server(("127.0.0.1", 0))

    def pump(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError), source, sink:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_RDWR)

    def serve() -> None:
        with suppress(OSError):
            while True:
                plain, _ = listener.accept()
                try:
                    client = context.wrap_socket(plain, server_side=True)
                except (ssl.SSLError, OSError):
                    plain.close()
                    continue
                server = socket.create_connection(("127.0.0.1", port))
                for pair in ((client, server), (server, client)):
                    threading.Thread(target=pump, args=pair, daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield listener.getsockname()[1]
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


def test_tls(valkey_url: str, certificate: Path) -> None:
    port = int(valkey_url.rpartition(":")[2].partition("/")[0])
    assert "does not speak TLS there" in refusal(f"rediss://:s3cret@127.0.0.1:{port}", seconds=0.5)
    with tls_before(port, certificate) as secure:
        assert "certificate that is not trusted" in refusal(f"rediss://127.0.0.1:{secure}")
        assert "closed the connection" in refusal(f"redis://127.0.0.1:{secure}")
        target = opened(f"rediss://127.0.0.1:{secure}/0?ssl_ca_certs={certificate}")
        follow(target, 2)
        assert_exact(target)
        target.close()
