"""What the URL of a Redis says: one server, a Sentinel's service or a cluster, with or without TLS.

    redis://[user:password@]host[:port][/database]           rediss:// with TLS
    unix://[user:password@]/path/to/socket[?db=1]
    redis+sentinel://[user:password@]host[:port],…/service[/database]
    redis+cluster://[user:password@]host[:port],…

Options come as a query: `ssl_ca_certs`, `ssl_certfile`, `ssl_keyfile`, `sentinel_username`,
`sentinel_password`. What is special in a user or password is percent-encoded.
"""

import re
from urllib.parse import parse_qsl, unquote

from msgspec import Struct

from projections.readmodels.target import TargetError

SERVER, UNIX, SENTINEL, CLUSTER = "redis", "unix", "redis+sentinel", "redis+cluster"
PORTS = {SERVER: 6379, SENTINEL: 26379, CLUSTER: 6379}
TLS = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")
OPTIONS = {
    SERVER: TLS,
    UNIX: ("db",),
    SENTINEL: (*TLS, "sentinel_username", "sentinel_password"),
    CLUSTER: TLS,
}
DIGITS = 9
"""Of the number of a database, at most."""
_SHAPE = re.compile(
    r"(?P<scheme>[a-z+]+)://(?:(?P<user>[^@/]*)@)?(?P<hosts>[^/?#@\s]*)(?P<path>/[^?#@\s]*)?"
    r"(?:\?(?P<query>[^#]*))?"
)


class Address(Struct, frozen=True, kw_only=True):
    """Where a Redis is, and how to get in."""

    kind: str
    tls: bool = False
    hosts: tuple[tuple[str, int], ...] = ()
    path: str = ""
    service: str = ""
    database: int = 0
    username: str | None = None
    password: str | None = None
    options: dict[str, str] = {}

    def __str__(self) -> str:
        """Without the user and the password."""
        scheme = self.kind.replace("redis", "rediss", 1) if self.tls else self.kind
        if self.kind == UNIX:
            return f"{scheme}://{self.path}"
        hosts = ",".join(f"[{h}]:{p}" if ":" in h else f"{h}:{p}" for h, p in self.hosts)
        service = f"/{self.service}" if self.service else ""
        return f"{scheme}://{hosts}{service}" + (f"/{self.database}" if self.database else "")


def read_url(url: str) -> Address:
    """The address that a URL says. No message repeats the URL: a password may be in it."""
    shape = _SHAPE.fullmatch(url)
    if shape is None:
        raise TargetError(
            "this is no URL of a Redis: redis://host:port/0, with TLS rediss://, or unix://, "
            "redis+sentinel://, redis+cluster:// are; percent-encode what is special in a password"
        )
    scheme = shape["scheme"]
    tls = scheme.startswith("rediss")
    kind = scheme.replace("rediss", "redis", 1)
    if kind not in OPTIONS:
        raise TargetError("a Redis is reached by redis:// or rediss://, not by this")
    user, colon, password = (shape["user"] or "").partition(":")
    options = dict(parse_qsl(shape["query"] or "", keep_blank_values=True))
    if set(options) - set(OPTIONS[kind]):
        known = ", ".join(OPTIONS[kind])
        raise TargetError(f"{scheme}:// has only these options in its URL: {known}")
    if kind == UNIX and shape["hosts"]:
        raise TargetError("the URL names no socket: unix:///path/to/socket does")
    path = unquote(shape["path"] or "")
    service, database = _service(kind, path, options)
    return Address(
        kind=kind,
        tls=tls,
        hosts=() if kind == UNIX else _hosts(kind, shape["hosts"]),
        path=path if kind == UNIX else "",
        service=service,
        database=database,
        username=unquote(user) or None,
        password=unquote(password) if colon else None,
        options=options,
    )


def _hosts(kind: str, text: str) -> tuple[tuple[str, int], ...]:
    hosts = []
    for host in text.split(",") if text else ["localhost"]:
        found = re.fullmatch(r"(?:\[([0-9a-fA-F:]+)\]|([^:\[\]]+))(?::(\d{1,5}))?", host)
        if found is None:
            raise TargetError("the hosts in the URL are not right: host:port,host:port is")
        hosts.append((found[1] or found[2], int(found[3] or PORTS[kind])))
    if kind == SERVER and len(hosts) > 1:
        raise TargetError(
            "redis:// names one server: write redis+sentinel:// or redis+cluster:// for several"
        )
    return tuple(hosts)


def _service(kind: str, path: str, options: dict[str, str]) -> tuple[str, int]:
    """The Sentinel's service, and the database."""
    words = [] if kind == UNIX else path.strip("/").split("/") if path.strip("/") else []
    service = ""
    if kind == SENTINEL:
        if not words:
            raise TargetError(
                "the URL does not say which service to ask the Sentinels for: "
                "redis+sentinel://host:26379/SERVICE does"
            )
        service = words.pop(0)
    number = options.pop("db", "0") if kind == UNIX else "".join(words[:1]) or "0"
    if len(words) > 1 or not number.isdecimal() or len(number) > DIGITS:
        raise TargetError("the URL does not end with the number of a database: /0 does")
    if kind == CLUSTER and int(number):
        raise TargetError("a cluster has one database, 0: leave the number out of the URL")
    return service, int(number)
