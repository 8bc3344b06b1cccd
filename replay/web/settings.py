"""What is served, to whom, and within which limits."""

from pathlib import Path

from msgspec import Struct

MIB = 1 << 20


class Limits(Struct, frozen=True):
    """What one request may cost; what costs more is refused with a sentence."""

    body: int = 8 * MIB
    """Bytes of a request."""
    page: int = 200
    """Rows of a list in one answer."""
    seconds: float = 30.0
    """For an answer, but for streams and jobs."""
    rate: float = 50.0
    """Requests a second of one token, or of one address without one, in the long run."""
    burst: int = 200
    """Requests at once."""


class Settings(Struct, frozen=True):
    """Everything that `serve` is told."""

    db: str
    """The log, as of `--db`."""
    rulebooks: tuple[str, ...] = ()
    access: Path | None = None
    """The file of tokens and of who read what; None: there are none, and only this machine asks."""
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost", "[::1]")
    """Names under which it may be asked for, without a port."""
    archive: str = ""
    """The archive that questions about everybody read; "": the log."""
    redis: str = ""
    """The read model that standings are read from, as of `--redis`; "": they are replayed."""
    prefix: str = "pl"
    """Of its keys."""
    language: str = "en"
    """Of pages, where nobody chose one."""
    limits: Limits = Limits()
