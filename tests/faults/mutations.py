"""Bytes made wrong at random, in the ways in which files go wrong or are made to."""

import re
from collections.abc import Callable
from random import Random

_TOKEN = re.compile(rb"[\w.+-]+")
_VALUE = re.compile(rb'"[^"\n]*"|\b[\d.]+\b|\btrue\b|\bfalse\b')
HOSTILE = (
    b"\0", b"\r", b"\x1b[2J", b"\x7f", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xef\xbb\xbf",
    "\u202e\u2028\u200b".encode(), "\u0661\u00b2\u00bd".encode(), b"\\ud800", b'"\\udc00"', b"%ff",
    b"%00", b"\x1f\x8b", b"\xdd\xff\xff\xff\xff", b"\xc7\x0c\xff", b"\n\n", b'"""', b"{{", b"|",
    b"@",
)  # fmt: skip
VALUES = (
    b"null", b"true", b"[]", b"{}", b'""', b"-1", b"0", b"0.0", b"1e999", b"-0", b"nan", b"inf",
    b"NaN", b"9" * 20, b"9" * 5000, b"1e-400", b"9223372036854775807", b"18446744073709551616",
    b'"' + b"a" * 300 + b'"', b"0001-01-01", b"9999-12-31", b'"9999-12-31T23:59:59-23:59"',
    b"9999-12-31T23:59:59.9999999Z", b"0001-01-01T00:00:00+23:59", b"[[1]]", b'{"a" = 1}',
)  # fmt: skip
OPENING = (b"[", b"{", b'{"a":', b"(", b"\x91", b"\x81", b"[{", b"a = {", b"<")
Mutation = Callable[[Random, bytes, bytes], bytes]


def mutated(random: Random, data: bytes, other: bytes) -> bytes:
    """One to four mutations of some bytes; `other` lends spans and tokens."""
    for change in random.choices(MUTATIONS, k=min(4, 1 + int(random.expovariate(1)))):
        data = change(random, data, other)
    return data


def _span(random: Random, data: bytes) -> tuple[int, int]:
    """Mostly a short one."""
    start = random.randrange(len(data) + 1)
    longest = random.choice((1, 4, 64, len(data) + 1))
    return start, min(len(data), start + random.randrange(longest + 1))


def _put(random: Random, data: bytes, new: bytes, places: re.Pattern[bytes] | None = None) -> bytes:
    """Something new instead of a place, or of a span where there is no such place."""
    found = list(places.finditer(data)) if places else []
    start, end = random.choice(found).span() if found else _span(random, data)
    return data[:start] + new + data[end:]


def _flip(random: Random, data: bytes, _: bytes) -> bytes:
    changed = bytearray(data)
    for _n in range(random.choice((1, 1, 2, 8)) if data else 0):
        changed[random.randrange(len(data))] ^= 1 << random.randrange(8)
    return bytes(changed)


def _delete(random: Random, data: bytes, _: bytes) -> bytes:
    return _put(random, data, b"")


def _duplicate(random: Random, data: bytes, _: bytes) -> bytes:
    start, end = _span(random, data)
    times = random.choice((2, 2, 3, min(200, 1 + 60_000 // (end - start + 1))))
    return data[:start] + data[start:end] * times + data[end:]


def _swap(random: Random, data: bytes, _: bytes) -> bytes:
    a, b = sorted((_span(random, data), _span(random, data)))
    if a[1] > b[0]:
        return data
    one, two = data[a[0] : a[1]], data[b[0] : b[1]]
    return data[: a[0]] + two + data[a[1] : b[0]] + one + data[b[1] :]


def _swap_tokens(random: Random, data: bytes, _: bytes) -> bytes:
    tokens = _TOKEN.findall(data)
    return _put(random, data, random.choice(tokens), _TOKEN) if tokens else data


def _truncate(random: Random, data: bytes, _: bytes) -> bytes:
    return data[: random.randrange(len(data) + 1)]


def _hostile(random: Random, data: bytes, _: bytes) -> bytes:
    start, _end = _span(random, data)
    return data[:start] + random.choice(HOSTILE) + data[start:]


def _mark(random: Random, data: bytes, _: bytes) -> bytes:
    encoding = random.choice(("utf-8-sig", "utf-16", "utf-32", "utf-16-be"))
    return data.decode("utf-8", "replace").encode(encoding)


def _value(random: Random, data: bytes, _: bytes) -> bytes:
    return _put(random, data, random.choice(VALUES), _VALUE)


def _nest(random: Random, data: bytes, _: bytes) -> bytes:
    deep = random.choice(OPENING) * random.choice((20, 200, 5000))
    return _put(random, data, deep, _VALUE)


def _long(random: Random, data: bytes, _: bytes) -> bytes:
    unit = random.choice((b"a", b" ", b"a.", b'"', b"1", b"a b ", b"\\", "开".encode(), b"\n"))
    return _put(random, data, unit * random.choice((200, 5000, 70_000)), _TOKEN)


def _lent_span(random: Random, data: bytes, other: bytes) -> bytes:
    start, end = _span(random, other)
    return _put(random, data, other[start:end])


def _lent_token(random: Random, data: bytes, other: bytes) -> bytes:
    tokens = _TOKEN.findall(other)
    return _put(random, data, random.choice(tokens), _TOKEN) if tokens else data


def _lent_line(random: Random, data: bytes, other: bytes) -> bytes:
    lines, lent = data.split(b"\n"), other.split(b"\n")
    lines.insert(random.randrange(len(lines) + 1), random.choice(lent))
    return b"\n".join(lines)


def _without_line(random: Random, data: bytes, _: bytes) -> bytes:
    lines = data.split(b"\n")
    del lines[random.randrange(len(lines))]
    return b"\n".join(lines)


MUTATIONS: tuple[Mutation, ...] = (
    _flip, _delete, _duplicate, _swap, _swap_tokens, _truncate, _hostile, _hostile, _mark, _value,
    _value, _value, _nest, _long, _lent_span, _lent_token, _lent_token, _lent_line, _without_line,
)  # fmt: skip
