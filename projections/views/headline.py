"""One thing that stands in an outcome, as a sentence, and why."""

from collections.abc import Sequence

from msgspec import Struct

from ledger.facts.envelope import Envelope
from projections.explain.phrases import Phrase


class Headline(Struct):
    """One thing that stands, and why."""

    kind: str
    """score, stop, sanction, measure, money or waiting."""
    said: Phrase
    why: Phrase
    about: dict[str, str]
    """The words that it is about: counter, feature, node, measure, account, currency."""
    until: int | None = None
    """When it ends by itself; None where it does not."""
    violations: Sequence[str] = ()
    facts: Sequence[Envelope] = ()
    """Those that decided."""
    clauses: Sequence[str] = ()
