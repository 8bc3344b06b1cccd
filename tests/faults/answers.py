"""What a log answers when it is asked everything, and what `verify` finds in it."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias, cast

from ledger.errors import StoreError
from ledger.log.port import Log, open_reader
from ledger.log.verify import Finding, Walk, verify

Questions: TypeAlias = dict[str, Callable[[Log], Any]]


def questions(creators: Sequence[str], head: int) -> Questions:
    """Every way in which facts are read for a ruling or an export."""
    third = head // 3
    return {
        **{f"stream of {c}": lambda log, c=c: log.stream(c) for c in creators},  # type: ignore[misc]
        "after 0": lambda log: log.after(0),
        f"after {third}": lambda log: log.after(third, third),
        f"after {2 * third}": lambda log: log.after(2 * third, 100),
        "streams": lambda log: log.streams(creators, head),
        f"streams until {head - third}": lambda log: log.streams(creators, head - third),
        "histories": lambda log: log.histories("", head),
        "subjects": lambda log: log.subjects(),
        "head": lambda log: log.head(),
        "pins": lambda log: log.pins(),
        "imports": lambda log: log.imports(),
    }


def answers(url: str, asked: Questions) -> Iterator[tuple[str, Any]]:
    """Each question's answer, or the sentence that refuses it."""
    for name, ask in asked.items():
        try:
            with open_reader(url) as log:
                yield name, ask(cast(Log, log))
        except StoreError as error:
            yield name, str(error)


def findings(url: str) -> list[Finding]:
    """What `verify` says; a log that can't be opened is one finding."""
    try:
        with open_reader(url) as log:
            return [item for item in verify(cast(Walk, log)) if isinstance(item, Finding)]
    except StoreError as error:
        return [Finding("structure", None, None, str(error))]
