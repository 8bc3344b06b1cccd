"""A rulebook that has ruled keeps its content: its hash is remembered at first use."""

from collections.abc import Mapping

from ledger.errors import RulebookError


def check_pin(
    pins: Mapping[tuple[str, str], str], name: str, version: str, content_hash: str
) -> bool:
    """Whether it is pinned already; a RulebookError where it is pinned to another content."""
    pinned = pins.get((name, version))
    if pinned is not None and pinned != content_hash:
        raise RulebookError(
            f"{name}@{version} has changed since it first ruled on this ledger (hash "
            f"{content_hash[:12]}, then {pinned[:12]}): published versions are never edited, "
            "restore the file and add a new version"
        )
    return pinned is not None
