"""The Redis target keeps the contract on every kind of server that it is for."""

from collections.abc import Iterator
from itertools import count

import pytest
import redis_servers

from projections.readmodels.contract import TargetContract
from projections.readmodels.redis.target import RedisTarget, open_redis
from projections.readmodels.target import Change, Target

_prefixes = (f"t{n}" for n in count())


class RedisContract(TargetContract):
    """Each test has a prefix of its own on the server of its class."""

    url = ""
    shard = 0

    @pytest.fixture
    def target(self) -> Iterator[Target]:
        self.prefix = next(_prefixes)
        self.opened: list[RedisTarget] = []
        yield self.open()
        for one in self.opened:
            one.close()

    def open(self) -> RedisTarget:
        self.opened += open_redis(self.url, prefix=self.prefix)
        return self.opened[-1 - self.shard]

    def again(self, target: Target) -> Target:
        return self.open()

    def changes(self, target: Target) -> list[Change]:
        assert isinstance(target, RedisTarget)
        entries = target._do("XRANGE", target.keys.feed, "-", "+")
        return [Change(e[b"id"].decode(), e[b"creator"].decode(), e[b"event"]) for _, e in entries]


class TestValkey(RedisContract):
    @pytest.fixture(autouse=True)
    def _server(self, valkey_url: str) -> None:
        self.url = valkey_url


class TestOldRedis(RedisContract):
    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def _server(cls) -> Iterator[None]:
        with redis_servers.server(program=redis_servers.old_program()) as server:
            assert server.call("INFO", "server")["redis_version"].startswith("6.2")
            cls.url = server.url
            yield


class TestCluster(RedisContract):
    shard = 5

    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def _server(cls) -> Iterator[None]:
        with redis_servers.cluster() as nodes:
            cls.url = f"redis+cluster://127.0.0.1:{nodes[0].port},127.0.0.1:{nodes[1].port}"
            yield

    def test_shards_lie_on_every_node(self, target: Target) -> None:
        assert isinstance(target, RedisTarget)
        assert target.shards == 16
        shards = list(self.opened)
        for shard in shards:
            self.begin(shard)
        assert all(len(shard.generations()) == 1 for shard in shards)
        client = target._link._client
        nodes = {client.get_node_from_key(shard.keys.live).port for shard in shards}  # type: ignore[attr-defined]
        assert len(nodes) == 3


class TestSentinel(RedisContract):
    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def _server(cls) -> Iterator[None]:
        with redis_servers.server() as primary, redis_servers.sentinel(primary) as watching:
            cls.url = f"redis+sentinel://127.0.0.1:{watching.port}/ours/2"
            yield


class TestSocket(RedisContract):
    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def _server(cls) -> Iterator[None]:
        with redis_servers.temporary_home("socket-") as home:
            path = home / "s"
            with redis_servers.server("--unixsocket", str(path)):
                cls.url = f"unix://{path}?db=3"
                yield
