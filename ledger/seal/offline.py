"""Check proofs of a penalty ledger offline. One file: Python 3.11 or newer, and nothing else.

    python offline.py --key 'example.com/ledger+033de0ae+Ac4z…' mei/*.tlog-proof

A proof (c2sp.org/tlog-proof@v1) says that a fact stood at a position of the ledger when whoever
holds the key signed the checkpoint in it. All proofs of a creator under one checkpoint are checked
together: their facts are numbered from 1, and one that is left out in between is seen. What is not:
whether later facts were left out, and whether others were shown another ledger; compare checkpoints
with theirs. `--older FILE --since FILE` checks an older checkpoint that you kept: that the ledger
which it signs is the beginning of this one, by a proof of `prove --older`.

Formats: RFC 9162 (tree, proofs), RFC 8032 (signatures), c2sp.org/signed-note, tlog-checkpoint.
"""

import argparse
import sys
from base64 import b64decode
from binascii import Error as NoBase64
from collections.abc import Iterable, Sequence
from functools import cache
from hashlib import sha256, sha512
from pathlib import Path
from typing import Any, NamedTuple

HEADER, SINCE = "c2sp.org/tlog-proof@v1", "penalty-ledger/consistency@v1"
ED25519 = b"\x01"


class WrongError(ValueError):
    """What was shown proves nothing, and why."""


def leaf_hash(record: bytes) -> bytes:
    """Of an entry of the tree."""
    return sha256(b"\x00" + record).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Of two subtrees."""
    return sha256(b"\x01" + left + right).digest()


def root_of_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """The root that a proof of inclusion comes to (2.1.3.2)."""
    if not 0 <= index < size:
        raise WrongError(f"index {index} is outside a tree of {size}")
    fn, sn, root = index, size - 1, leaf
    for other in proof:
        if sn == 0:
            raise WrongError("the proof is longer than the tree is high")
        if fn & 1 or fn == sn:
            root = node_hash(other, root)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            root = node_hash(root, other)
        fn, sn = fn >> 1, sn >> 1
    if sn:
        raise WrongError("the proof is shorter than the tree is high")
    return root


def roots_of_consistency(
    first: int, second: int, old_root: bytes, proof: Sequence[bytes]
) -> tuple[bytes, bytes]:
    """The two roots that a proof of consistency comes to (2.1.4.2); `first` is not 0."""
    if not 0 < first <= second:
        raise WrongError(f"a tree of {first} is no beginning of one of {second}")
    if first == second:
        if proof:
            raise WrongError("two trees of one size need no proof")
        return old_root, old_root
    path = list(proof)
    if first & (first - 1) == 0:
        path.insert(0, old_root)
    if not path:
        raise WrongError("the proof is empty")
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    old = new = path[0]
    for other in path[1:]:
        if sn == 0:
            raise WrongError("the proof is longer than the tree is high")
        if fn & 1 or fn == sn:
            old, new = node_hash(other, old), node_hash(other, new)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            new = node_hash(new, other)
        fn, sn = fn >> 1, sn >> 1
    if sn:
        raise WrongError("the proof is shorter than the tree is high")
    return old, new


class Key(NamedTuple):
    """Who signs."""

    name: str
    id: bytes
    public: bytes


class Checkpoint(NamedTuple):
    """What a ledger was, in the words of whoever signed it."""

    origin: str
    size: int
    root: bytes


def key_id(name: str, public: bytes) -> bytes:
    """The first bytes of each signature by a key."""
    return sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]


def read_key(text: str) -> Key:
    """`name+hash+base64`, as `seal --new-key` prints it."""
    name, _, rest = text.strip().partition("+")
    hash_, _, encoded = rest.partition("+")
    public = unbase64(encoded)
    text_alone = not any("\ud800" <= c <= "\udfff" for c in name)
    if not name or not text_alone or len(public) != 33 or public[:1] != ED25519:
        raise WrongError(f"{text!r} is no key: name+hash+base64 is needed")
    if key_id(name, public[1:]).hex() != hash_:
        raise WrongError(f"the hash of the key {text!r} is not its own: was it copied whole?")
    return Key(name, bytes.fromhex(hash_), public[1:])


@cache
def read_note(note: str, key: Key) -> str:
    """The text of a note that is signed by the key."""
    text, blank, lines = note.rpartition("\n\n")
    if not blank or any(ord(c) < 32 and c != "\n" for c in note) or not note.endswith("\n"):
        raise WrongError("this is no signed note")
    text += "\n"
    signed = False
    for line in lines.splitlines():
        dash, _, rest = line.partition(" ")
        name, _, encoded = rest.partition(" ")
        if dash != "—" or not name or not encoded:
            raise WrongError(f"this is no line of a signature: {line!r}")
        signature = unbase64(encoded)
        if name == key.name and signature[:4] == key.id:
            if not verify_ed25519(key.public, text.encode(), signature[4:]):
                raise WrongError(f"the signature of {name} is not that of this text")
            signed = True
    if not signed:
        raise WrongError(f"it is not signed by {key.name}")
    return text


def read_checkpoint(note: str, key: Key) -> Checkpoint:
    """A checkpoint that is signed by the key."""
    lines = read_note(note, key).split("\n")
    if len(lines) < 4 or not all(lines[:3]):
        raise WrongError("this is no checkpoint")
    return Checkpoint(lines[0], whole_number(lines[1], "size"), unbase64(lines[2], 32))


def whole_number(text: str, noun: str) -> int:
    """As the formats write it: no sign, no zero before it, and of no more than 64 bits."""
    if not (text.isascii() and text.isdecimal()) or len(text) > 19 or str(int(text)) != text:
        raise WrongError(f"{text[:40]!r} is no {noun}: a whole number is needed")
    return int(text)


def unbase64(text: str, length: int | None = None) -> bytes:
    """Bytes that are written in Base 64."""
    try:
        found = b64decode(text, validate=True)
    except (NoBase64, ValueError) as error:
        raise WrongError(f"{text!r} is no Base 64") from error
    if length is not None and len(found) != length:
        raise WrongError(f"{text!r} are not {length} bytes")
    return found


_P = 2**255 - 19
_Q = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_I = pow(2, (_P - 1) // 4, _P)
_Point = tuple[int, int, int, int]


def verify_ed25519(public: bytes, text: bytes, signature: bytes) -> bool:
    """Whether a key has signed a text."""
    if len(public) != 32 or len(signature) != 64:
        return False
    a, r = _point(public), _point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= _Q:
        return False
    h = int.from_bytes(sha512(signature[:32] + public + text).digest(), "little") % _Q
    one, other = _times(s, _BASE), _add(r, _times(h, a))
    return not any((one[i] * other[2] - other[i] * one[2]) % _P for i in (0, 1))


def _x(y: int, sign: int) -> int | None:
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    if square == 0:
        return None if sign else 0
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _I % _P
    if (x * x - square) % _P:
        return None
    return _P - x if x & 1 != sign else x


def _point(data: bytes) -> _Point | None:
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    x = _x(y, sign)
    return None if x is None else (x, y, 1, x * y % _P)


def _add(one: _Point, other: _Point) -> _Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % _P
    b = (one[1] + one[0]) * (other[1] + other[0]) % _P
    c, d = 2 * one[3] * other[3] * _D % _P, 2 * one[2] * other[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(number: int, point: _Point) -> _Point:
    result: _Point = (0, 1, 1, 0)
    while number:
        if number & 1:
            result = _add(result, point)
        point, number = _add(point, point), number >> 1
    return result


_y = 4 * pow(5, _P - 2, _P) % _P
_BASE: _Point = (_x(_y, 0) or 0, _y, 1, (_x(_y, 0) or 0) * _y % _P)


class Fact(NamedTuple):
    """What the bytes of a fact say."""

    position: int
    creator: str
    version: int
    fields: list[Any]


def read_fact(state: bytes) -> Fact:
    """`[1, source, id, creator, time, [type, …], recorded, position, version, attributes]`."""
    try:
        fields, end = _unpack(state, 0)
        if end != len(state):
            raise WrongError("bytes behind a fact")
        _, _, _, creator, _, _, _, position, version, _ = fields
    except (IndexError, ValueError, TypeError, RecursionError) as error:
        raise WrongError(f"this is no fact: {error}") from error
    if (type(creator), type(position), type(version)) != (str, int, int):
        raise WrongError("this is no fact: it has no creator, no position or no number")
    return Fact(position, creator, version, fields)


def _unpack(data: bytes, at: int) -> tuple[Any, int]:
    """One value of msgpack and where the next begins; of the kinds that facts are made of."""
    kind, at = data[at], at + 1
    if kind < 0x80:
        return kind, at
    if kind >= 0xE0:
        return kind - 256, at
    if 0x90 <= kind < 0xA0:
        return _items(data, at, kind & 15)
    if 0x80 <= kind < 0x90:
        return _pairs(data, at, kind & 15)
    if 0xA0 <= kind < 0xC0:
        return data[at : at + (kind & 31)].decode(), at + (kind & 31)
    if kind in (0xC0, 0xC2, 0xC3):
        return {0xC0: None, 0xC2: False, 0xC3: True}[kind], at
    if 0xCC <= kind <= 0xD3:
        width = 1 << (kind & 3)
        return int.from_bytes(data[at : at + width], "big", signed=kind >= 0xD0), at + width
    sizes = {0xD9: 1, 0xDA: 2, 0xDB: 4, 0xC4: 1, 0xC5: 2, 0xC6: 4, 0xDC: 2, 0xDD: 4, 0xDE: 2}
    width = sizes.get(kind, 0)
    if not width:
        raise WrongError(f"byte {kind:#x} begins nothing that facts are made of")
    length, at = int.from_bytes(data[at : at + width], "big"), at + width
    if kind in (0xDC, 0xDD):
        return _items(data, at, length)
    if kind == 0xDE:
        return _pairs(data, at, length)
    raw = data[at : at + length]
    return (raw if kind < 0xD9 else raw.decode()), at + length


def _items(data: bytes, at: int, number: int) -> tuple[list[Any], int]:
    found = []
    for _ in range(number):
        item, at = _unpack(data, at)
        found.append(item)
    return found, at


def _pairs(data: bytes, at: int, number: int) -> tuple[dict[Any, Any], int]:
    items, at = _items(data, at, 2 * number)
    return dict(zip(items[::2], items[1::2], strict=True)), at


def _head(text: str, kind: str, least: int) -> tuple[list[str], str]:
    head, blank, note = text.partition("\n\n")
    lines = head.split("\n")
    if not blank or lines[0] != kind or len(lines) < least:
        raise WrongError(f"this is no proof: it begins with {kind}")
    return lines, note


def check_proof(text: str, key: Key) -> tuple[Fact, Checkpoint]:
    """The fact that a proof shows, and under which checkpoint."""
    lines, note = _head(text, HEADER, 3)
    if not lines[1].startswith("extra ") or not lines[2].startswith("index "):
        raise WrongError("the proof has no fact or no index")
    state, index = unbase64(lines[1][6:]), whole_number(lines[2][6:], "index")
    checkpoint = read_checkpoint(note, key)
    path = [unbase64(line, 32) for line in lines[3:]]
    leaf = leaf_hash(sha256(state).digest())
    if root_of_inclusion(leaf, index, checkpoint.size, path) != checkpoint.root:
        raise WrongError("the fact is not in the ledger of the checkpoint")
    fact = read_fact(state)
    if fact.position != index + 1:
        raise WrongError(f"the fact says position {fact.position}, and the proof {index + 1}")
    return fact, checkpoint


def check_consistency(text: str, older: str, key: Key) -> tuple[Checkpoint, Checkpoint]:
    """The older checkpoint and the newer one, of whose ledger it is the beginning."""
    lines, note = _head(text, SINCE, 2)
    old, new = read_checkpoint(older, key), read_checkpoint(note, key)
    if lines[1] != f"first {old.size}":
        raise WrongError(f"the proof is not for a checkpoint of {old.size} facts")
    path = [unbase64(line, 32) for line in lines[2:]]
    if roots_of_consistency(old.size, new.size, old.root, path) != (old.root, new.root):
        raise WrongError("the older ledger is not the beginning of the newer one")
    return old, new


def check_creator(proofs: Iterable[tuple[Fact, Checkpoint]]) -> tuple[str, int, Checkpoint]:
    """Creator, number of facts and checkpoint of proofs that belong together, none left out."""
    shown = list(proofs)
    creators = {fact.creator for fact, _ in shown}
    checkpoints = {checkpoint for _, checkpoint in shown}
    if len(creators) != 1 or len(checkpoints) != 1:
        raise WrongError("the proofs are not of one creator under one checkpoint")
    versions = sorted(fact.version for fact, _ in shown)
    if versions != list(range(1, len(versions) + 1)):
        gone = next(n for n, v in enumerate(versions, 1) if n != v)
        raise WrongError(f"fact no. {gone} of the creator is left out")
    return creators.pop(), len(versions), checkpoints.pop()


def main(arguments: Sequence[str] | None = None) -> int:
    """0: proved. 1: not, and why. 2: the command line is wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("proofs", nargs="+", metavar="PROOF", type=Path, help="*.tlog-proof")
    parser.add_argument("--key", required=True, help="the key of who seals: name+hash+base64")
    parser.add_argument("--older", metavar="FILE", type=Path, help="a checkpoint that you kept")
    parser.add_argument("--since", metavar="FILE", type=Path, help="the proof of `prove --older`")
    given = parser.parse_args(arguments)
    if (given.older is None) != (given.since is None):
        parser.error("--older and --since go together")
    try:
        key = read_key(given.key)
        if given.older is not None:
            texts = [path.read_text(encoding="utf-8") for path in (given.since, given.older)]
            older, newer = check_consistency(texts[0], texts[1], key)
            print(f"the ledger of {older.size} facts is the beginning of that of {newer.size}")
        shown = []
        for path in given.proofs:
            try:
                shown.append(check_proof(path.read_text(encoding="utf-8"), key))
            except (WrongError, UnicodeDecodeError) as error:
                raise WrongError(f"{path}: {error}") from error
        creator, number, checkpoint = check_creator(shown)
    except (WrongError, OSError) as error:
        print(f"not proved: {error}", file=sys.stderr)
        return 1
    for fact, _ in sorted(shown, key=lambda pair: pair[0].version):
        print(f"{fact.version:>5}  position {fact.position}  {fact.fields[5]!r}")
    print(
        f"proved: facts 1 to {number} of the creator {creator!r} are in the ledger "
        f"{checkpoint.origin!r} of {checkpoint.size} facts that {key.name} has signed"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
