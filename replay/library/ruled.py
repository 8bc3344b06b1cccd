"""What a `Ledger` answers about the rules."""

from datetime import date
from typing import Literal, TypedDict, cast

from ledger.rulebook.document import diff, document, head
from ledger.rulebook.prose.explained import lines as prose_lines
from replay.drafts.history import history, history_view
from replay.library import views
from replay.library.asking import Asking


class Cited(TypedDict):
    """A figure on one side."""

    value: str | int | bool
    clause: str
    source: str
    assumed: bool
    note: str
    note_zh: str


class Change(TypedDict):
    key: str
    old: Cited | None
    """None: that side does not have it."""
    new: Cited | None


class RulebookDiff(TypedDict):
    """What `rulebook diff --json` prints."""

    old: str
    new: str
    changes: list[Change]


class Pinned(TypedDict):
    since: str
    hash: str


class Missing(Pinned):
    """A version that was pinned, and of which there is no file."""

    version: str


class Adopted(TypedDict):
    event: str
    source: str
    position: int
    effective_at: str
    recorded_at: str


class Version(TypedDict):
    version: str
    hash: str
    draft: bool
    in_force: bool
    in_force_from: str
    in_force_until: str | None
    adopted: Adopted | None
    pinned: Pinned | None
    before: str | None
    changes: list[Change] | None
    """None: of the first version, or from before the day that was asked about."""


class RulebookHistory(TypedDict):
    """What `rulebook history --json` prints."""

    rulebook: str
    versions: list[Version]
    missing: list[Missing]


class Ruled(Asking):
    """The part of `Ledger` that knows its rulebooks."""

    def rulebooks(self) -> list[views.Rulebook]:
        """Every version of every rulebook that is here, drafts too."""
        shelf = self._question.shelf
        every = [r for name in shelf.names() for r in shelf.versions(name, drafts=True)]
        return [cast(views.Rulebook, head(r)) for r in every]

    def rulebook(self, label: str) -> views.RulebookDocument:
        """Every figure of `name@version`, or of the newest version of `name`, with its source."""
        return cast(views.RulebookDocument, document(self._question.shelf.find(label)))

    def prose(self, label: str, language: Literal["en", "zh"] = "en") -> str:
        """The same as Markdown for people, with what is worth another look."""
        lines = prose_lines(self._question.shelf.find(label), language)
        return "".join(f"{line}\n" for line in lines)

    def rulebook_diff(self, old: str, new: str) -> RulebookDiff:
        """Each figure in which two versions differ, with its citation on both sides."""
        find = self._question.shelf.find
        return cast(RulebookDiff, diff(find(old), find(new)))

    def rulebook_history(self, name: str, since: date | None = None) -> RulebookHistory:
        """What changed from version to version; in force when, pinned since when, adopted by what.

        Of a day: what was in force from then on, and what changed from then on.
        """
        told = history(name, self._question.shelf, self._question.log, since)
        return cast(RulebookHistory, history_view(told, since))
