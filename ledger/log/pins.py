"""A rulebook that rules on recorded facts keeps its content: its hash is remembered with them."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol, TypeAlias

from ledger.errors import RulebookError
from ledger.facts.envelope import Envelope

Pins: TypeAlias = Mapping[tuple[str, str], str]
"""{(rulebook, version): content hash}."""


class Pin(NamedTuple):
    """A content that rules on a log, and since when it is known to."""

    name: str
    version: str
    hash: str
    recorded_at: int


class Earlier(Protocol):
    """What a law may ask of the log before new facts: see `ledger.log.port.Reader`."""

    def head(self) -> int:
        """The position of the last fact."""

    def streams(self, subjects: Sequence[str], until: int) -> list[Envelope]:
        """The facts of some creators up to a position."""


class Law(Protocol):
    """Says which rulebooks are pinned with facts that are recorded."""

    def __call__(self, log: Earlier, new: Sequence[Envelope], pins: Pins) -> Pins:
        """What is to be pinned beside `pins` with at least one new fact, in its place.

        Asked within the transaction, and again where that came to nothing.
        """


def check_pin(pins: Pins, name: str, version: str, content_hash: str) -> bool:
    """Whether it is pinned already; a RulebookError where it is pinned to another content."""
    pinned = pins.get((name, version))
    if pinned is not None and pinned != content_hash:
        raise RulebookError(
            f"{name}@{version} has changed since it was pinned in this ledger (hash "
            f"{content_hash[:12]}, then {pinned[:12]}): published versions are never edited, "
            "restore the file and add a new version"
        )
    return pinned is not None
