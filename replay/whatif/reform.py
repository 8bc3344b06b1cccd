"""The rules as somebody would have them: another rulebook, another version, other figures."""

from collections.abc import Mapping
from datetime import date
from typing import Protocol

import msgspec

from ledger.rulebook.changes import with_changes_all
from ledger.rulebook.model import Rulebook

ALWAYS = date(1969, 1, 1)
"""Before the first instant that a fact can have."""


class Shelf(Protocol):
    def versions(self, name: str) -> tuple[Rulebook, ...]: ...

    def find(self, label: str) -> Rulebook: ...


class ReformedShelf:
    """A shelf as a reform would have it; each name is reformed when it is asked for."""

    def __init__(self, shelf: Shelf, rulebook: str, changes: Mapping[str, str]) -> None:
        self._shelf, self._rulebook, self._changes = shelf, rulebook, dict(changes)
        self._known: dict[str, tuple[Rulebook, ...]] = {}

    def versions(self, name: str) -> tuple[Rulebook, ...]:
        if name not in self._known:  # a shelf on a shelf asks those below once
            self._known[name] = self._reformed(name)
        return self._known[name]

    def _reformed(self, name: str) -> tuple[Rulebook, ...]:
        chosen, at, _ = self._rulebook.partition("@")
        if at:
            only = self.find(self._rulebook)
            found: tuple[Rulebook, ...] = (msgspec.structs.replace(only, in_force_from=ALWAYS),)
        else:
            found = self._shelf.versions(chosen or name)
        return with_changes_all(found, self._changes) if self._changes else found

    def find(self, label: str) -> Rulebook:
        return self._shelf.find(label)
