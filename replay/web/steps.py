"""The steps of a scenario that stands in a URL."""

import json
from typing import Any, TypeAlias

import msgspec

from ledger.errors import InputError

Step: TypeAlias = dict[str, Any]
MOST = 50


def steps(text: str) -> list[Step]:
    """Raises InputError for what is no list of steps, or too many."""
    if not text:
        return []
    try:
        read = msgspec.json.decode(text, type=list[Step])
    except (msgspec.DecodeError, RecursionError) as error:
        wanted = '[{"drop": "e5"}, …]'
        raise InputError(f"the scenario is no list of steps, as {wanted}: {error}") from None
    if len(read) > MOST:
        raise InputError(f"found {len(read)} steps; wanted {MOST} at most")
    return read


def text(given: list[Step]) -> str:
    """As a URL has them; "" for none."""
    return json.dumps(given, ensure_ascii=False, separators=(",", ":")) if given else ""
