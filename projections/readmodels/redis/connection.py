"""The way to a Redis: its client, what is checked before it is used, and what went wrong.

Nothing is tried twice here: an answer that is lost is an error, and whoever runs the read model
reads the checkpoint and goes on from there.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, Protocol, cast

from projections.readmodels.redis.script import Script
from projections.readmodels.redis.url import CLUSTER, SENTINEL, SERVER, TLS, UNIX, Address
from projections.readmodels.target import TargetError

try:
    import redis
    import redis.asyncio
    import redis.asyncio.cluster
    import redis.asyncio.retry
    import redis.cluster
    from redis.backoff import NoBackoff
    from redis.exceptions import NoScriptError, RedisClusterException, RedisError
except ImportError as missing:
    raise TargetError(
        f"Redis needs a package that is not installed ({missing.name}): "
        "pip install 'penalty-ledger[redis]'"
    ) from missing

SECONDS = 5.0
OLDEST = (6, 2)


class Client(Protocol):
    """What of the package's clients is used: they speak RESP2, and give bytes."""

    def execute_command(self, *args: Any) -> Any: ...

    def close(self) -> None: ...


class Link:
    """One client, whose every failure is a TargetError."""

    def __init__(self, address: Address, seconds: float = SECONDS) -> None:
        self.where = str(address)
        with explained(self.where):
            self._client = cast(Client, _client(redis, address, seconds))

    def do(self, *command: Any) -> Any:
        with explained(self.where):
            return self._client.execute_command(*command)

    def run(self, script: Script, keys: list[str], *arguments: Any) -> list[Any]:
        """Run a script, sending its text only where the server does not know it yet."""
        rest = (len(keys), *keys, *arguments)
        with explained(self.where):
            try:
                answer = self._client.execute_command("EVALSHA", script.digest, *rest)
            except NoScriptError:
                answer = self._client.execute_command("EVAL", script.text, *rest)
        return cast("list[Any]", answer)

    def close(self) -> None:
        self._client.close()
        pool = getattr(self._client, "connection_pool", None)
        for watching in getattr(getattr(pool, "sentinel_manager", None), "sentinels", ()):
            watching.close()


class AsyncLink:
    """The same for an event loop: the one in which it is asked first."""

    def __init__(self, address: Address, seconds: float = SECONDS) -> None:
        self.where = str(address)
        self._client = _client(redis.asyncio, address, seconds)

    async def do(self, *command: Any) -> Any:
        with explained(self.where):
            return await self._client.execute_command(*command)

    async def close(self) -> None:
        await self._client.aclose()


@contextmanager
def explained(where: str) -> Iterator[None]:
    """What fails inside is a TargetError."""
    try:
        yield
    except (RedisError, RedisClusterException, OSError) as error:
        raise explain(error, where) from error


def _client(kind: ModuleType, address: Address, seconds: float) -> Any:
    """Of `redis` or `redis.asyncio`, which are made alike."""
    kit: Any = kind  # the package has no types for all of it
    said = address.options.get
    common: dict[str, Any] = {
        "username": address.username,
        "password": address.password,
        "protocol": 2,
        "socket_timeout": seconds,
        "socket_connect_timeout": seconds,
    }
    once = kit.retry.Retry(NoBackoff(), 0)
    if address.tls:
        common |= {"ssl": True} | {name: said(name) for name in TLS if said(name)}
    if address.kind == CLUSTER:
        nodes = [kit.cluster.ClusterNode(host, port) for host, port in address.hosts]
        return kit.RedisCluster(startup_nodes=nodes, retry=once, **common)
    common |= {"db": address.database, "retry": once}
    if kind is redis.asyncio and address.kind in (SERVER, UNIX):
        common["single_connection_client"] = True  # a pool costs as much as the command
    if address.kind == UNIX:
        return kit.Redis(unix_socket_path=address.path, **common)
    if address.kind == SENTINEL:
        ours = {k: v for k, v in common.items() if k not in {"db", "username", "password"}}
        ours |= {"username": said("sentinel_username"), "password": said("sentinel_password")}
        sentinel = kit.Sentinel(list(address.hosts), sentinel_kwargs=ours)
        return sentinel.master_for(address.service, **common)
    ((host, port),) = address.hosts[:1]
    return kit.Redis(host=host, port=port, **common)


def check(link: Link) -> list[str]:
    """A TargetError where the server can't serve; else what a person should know of it."""
    info = link.do("INFO")
    version = str(info.get("redis_version", ""))
    numbers = tuple(int(n) for n in re.findall(r"\d+", version)[:2])
    if numbers and numbers < OLDEST:
        raise TargetError(
            f"{link.where} runs Redis {version}, which is too old: Redis 6.2 or Valkey is needed"
        )
    warnings = []
    policy = info.get("maxmemory_policy", "noeviction")
    if policy != "noeviction":
        warnings.append(
            f"{link.where} forgets keys when its memory is full (maxmemory-policy {policy}), and "
            "rows with them: set noeviction"
        )
    if not info.get("aof_enabled", 1) and not _saves(link):
        warnings.append(
            f"{link.where} keeps nothing on disk: after a restart everything is built anew; set "
            "appendonly yes to avoid that"
        )
    return warnings


def _saves(link: Link) -> bool:
    """Whether snapshots are taken; taken to be so where we may not ask."""
    try:
        return any(link.do("CONFIG GET", "save").values())
    except TargetError:
        return True


def explain(error: BaseException, where: str) -> TargetError:
    """The sentence for a failure of Redis; the client turns some first words into classes."""
    causes = [error]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) and len(causes) < 4:
        causes.append(cause)
    signs = " / ".join(f"{type(cause).__name__} {cause}" for cause in causes)
    return told(signs, where, shown=" ".join(str(error).split()) or type(error).__name__)


def told(signs: str, where: str, command: str = "", shown: str = "") -> TargetError:
    """The sentence for what a server or the client said; which command, where that is known."""
    for sign, sentence in SENTENCES.items():
        if found := re.search(sign, signs, re.IGNORECASE):
            named = found.groupdict().get("command") or command
            right = f"do {named.upper()}: give it the right (ACL SETUSER … +{named.lower()})"
            missing = right if named else "do what is needed: give it the rights in the documents"
            return TargetError(sentence.format(where=where, right=missing))
    return TargetError(f"{where} can't be used: {shown or signs}")


SENTENCES = {
    r"WRONGPASS|invalid username-password|invalid password": (
        "{where} refuses this user or password: give the right ones in the URL"
    ),
    r"NOAUTH|Authentication required": (
        "{where} asks for a password: write redis://user:password@host in the URL"
    ),
    r"without any password configured": (
        "{where} has no password, but the URL gives one: take it out of the URL"
    ),
    r"access (a key|one of the keys|the '\S+' key)|can't access at least one of the keys": (
        "{where} does not let this user use our keys: give it the pattern of the prefix "
        "(ACL SETUSER … ~{{pl:*)"
    ),
    (
        r"^(?=.*(NoPerm|ACL failure|can't run this command))"
        r"(.*run the '(?P<command>[\w|-]+)' command)?"
    ): "{where} does not let this user {right}",
    r"CERTIFICATE_VERIFY_FAILED": (
        "{where} shows a certificate that is not trusted: name its authority with "
        "?ssl_ca_certs=FILE, or the host by the name in the certificate"
    ),
    r"WRONG_VERSION_NUMBER|record layer|UNEXPECTED_EOF|SSL.*EOF|handshake.*timed out": (
        "{where} does not speak TLS there: take redis:// or the port for TLS"
    ),
    r"SSL|certificate": "{where} and we do not agree on TLS: check the certificates in the URL",
    r"DB index|invalid DB|SELECT is not allowed": (
        "{where} has no database of this number: end the URL with /0"
    ),
    r"OOM|OutOfMemory": (
        "{where} is full (maxmemory): nothing was written, give it more memory or free some"
    ),
    r"READONLY": "{where} is a replica and may only be read: name the primary, or its Sentinels",
    r"LOADING": "{where} is still loading its data: try again when it has",
    r"MISCONF": (
        "{where} can't save to its disk and takes no writes (MISCONF): nothing was written, see "
        "its log"
    ),
    r"NOREPLICAS": "{where} has too few replicas to take writes (min-replicas-to-write)",
    r"BUSY ": "{where} is busy with a script of somebody else: try again when it is done",
    r"\bMOVED|CROSSSLOT": "{where} is part of a cluster: write redis+cluster:// in the URL",
    r"cluster (mode|support)|CLUSTER.*disabled": (
        "{where} is no cluster: write redis:// instead of redis+cluster://"
    ),
    r"CLUSTERDOWN|not covered|MASTERDOWN": "{where} is a cluster that is down: see CLUSTER INFO",
    r"No master found": "{where}: its Sentinels know no primary of this service that is up",
    r"WRONGTYPE": (
        "{where} has a key under our prefix that is of another type: give another --prefix, or "
        "delete that key"
    ),
    r"unknown command|unknown redis command": (
        "{where} lacks a command that is needed: Redis 6.2 or Valkey is needed"
    ),
    r"timed? ?out": "{where} does not answer in time: is it reachable from here?",
    r"name or service|getaddrinfo|name resolution|nodename|Errno -[235]\b": (
        "{where} is not known by that name: check the host in the URL"
    ),
    r"refused|No such file|Error 111|Error 2 ": "{where} does not answer: is Redis running there?",
    r"reset by peer|closed by server|Broken pipe|EOF": (
        "{where} closed the connection: is it up, and does the URL say TLS (rediss://) where it "
        "wants it?"
    ),
}
