"""Tables of sentences, one file per language; `projections.explain` fills and joins them.

A name in braces is a value. `[plurals]` holds what depends on a number, `[words]` the words of
facts, `[measures]` the usual measures. Languages have the same keys: a test compares them.
"""

from functools import lru_cache
from pathlib import Path
from typing import Any

import tomli

LANGUAGES = ("en", "zh")


@lru_cache
def table(language: str) -> dict[str, Any]:
    """{dotted key: sentence, or list of forms by number}."""
    text = (Path(__file__).parent / f"{language}.toml").read_text(encoding="utf-8")
    flat: dict[str, Any] = {}
    _flatten("", tomli.loads(text), flat)
    return flat


def _flatten(prefix: str, node: dict[str, Any], into: dict[str, Any]) -> None:
    for key, value in node.items():
        if isinstance(value, dict):
            _flatten(f"{prefix}{key}.", value, into)
        else:
            into[prefix + key] = value
