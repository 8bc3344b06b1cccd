"""Signing: keys, notes and checkpoints (c2sp.org/signed-note, tlog-checkpoint)."""

from base64 import b64decode, b64encode
from typing import NamedTuple

from ledger.errors import InputError, LedgerError
from ledger.seal.offline import ED25519, Key, key_id

SECRET = "PRIVATE+KEY+"  # noqa: S105  what a private key begins with


class Signer(NamedTuple):
    """A key that can sign."""

    name: str
    seed: bytes

    def public(self) -> Key:
        """What others check by."""
        public = _private(self.seed).public_key().public_bytes_raw()
        return Key(self.name, key_id(self.name, public), public)

    def sign(self, text: str) -> str:
        """The note: the text, which ends a line, and the signature under it."""
        signature = self.public().id + _private(self.seed).sign(text.encode())
        return f"{text}\n— {self.name} {b64encode(signature).decode()}\n"

    def secret(self) -> str:
        """The private key as it is kept: whoever has it can sign."""
        key = self.public()
        return f"{SECRET}{self.name}+{key.id.hex()}+{_encoded(self.seed)}"


def written(key: Key) -> str:
    """The key that others check by, as it is given to them."""
    return f"{key.name}+{key.id.hex()}+{_encoded(key.public)}"


def new_signer(name: str) -> Signer:
    """A new key of that name, which is to be unique: `example.com/ledger`."""
    if not name or any(c.isspace() or c == "+" for c in name):
        raise InputError(f"{name!r} names no key: a word like example.com/ledger is needed")
    from secrets import token_bytes

    return Signer(name, token_bytes(32))


def read_signer(text: str) -> Signer:
    """A private key as it is kept."""
    name, _, rest = text.strip().removeprefix(SECRET).partition("+")
    hash_, _, encoded = rest.partition("+")
    try:
        seed = b64decode(encoded, validate=True)
    except ValueError:
        seed = b""
    signer = Signer(name, seed[1:])
    wrong = not text.startswith(SECRET) or len(seed) != 33 or seed[:1] != ED25519
    if wrong or signer.public().id.hex() != hash_:
        raise InputError("this is no private key: make one with `penalty-ledger seal --new-key`")
    return signer


def checkpoint(origin: str, size: int, root: bytes) -> str:
    """The text of a checkpoint."""
    return f"{origin}\n{size}\n{b64encode(root).decode()}\n"


def _encoded(key: bytes) -> str:
    return b64encode(ED25519 + key).decode()


def _private(seed: bytes):  # type: ignore[no-untyped-def]
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    except ImportError as missing:
        raise LedgerError(
            "seals need a package that is not installed: pip install 'penalty-ledger[seal]'"
        ) from missing
    return Ed25519PrivateKey.from_private_bytes(seed)
