"""In which language a page is, and what it says there."""

from collections.abc import Mapping

from fastapi import Request

from projections.explain.messages import LANGUAGES
from projections.explain.phrases import Phrase, Value, say

COOKIE = "language"


def language_of(request: Request) -> str:
    """As the URL has it, else as was chosen before, else as the browser asks, else ours."""
    asked = request.query_params.get("lang") or request.cookies.get(COOKIE, "")
    if asked in LANGUAGES:
        return asked
    wanted = request.headers.get("Accept-Language", "").lower()
    if wanted.startswith(LANGUAGES):
        return wanted[:2]
    usual: str = request.app.state.settings.language
    return usual


def word(key: str, language: str, values: Mapping[str, Value] | None = None) -> str:
    """A word or a sentence of `[web]`."""
    return say(Phrase(f"web.{key}", dict(values or {})), language)
