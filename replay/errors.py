"""What goes wrong, in the language that was asked for.

Sentences are made in English where something fails, by rooms that know no language. Before one is
shown it is looked up in `errors.zh.toml`; what is not there stays as it is.
"""

import re
from functools import cache
from pathlib import Path
from string import Formatter

import tomli


def in_language(sentence: str, language: str) -> str:
    """A sentence of an error; of several lines each, and what stands in a line too."""
    if language == "en":
        return sentence
    return "\n".join(_looked_up(line) or line for line in sentence.split("\n"))


def _looked_up(text: str) -> str | None:
    """The translation by the longest template that fits."""
    for pattern, template in _templates():
        if (match := pattern.fullmatch(text)) is not None:
            values = {name: _looked_up(v) or v for name, v in match.groupdict().items()}
            return template.format(**values)
    return None


@cache
def _templates() -> list[tuple[re.Pattern[str], str]]:
    """Those that begin with a word first, then those with most; read when something is wrong."""
    text = (Path(__file__).parent / "errors.zh.toml").read_text(encoding="utf-8")
    made = []
    for english, chinese in tomli.loads(text).items():
        pattern, words = "", 1000 * (not english.startswith("{"))
        for literal, name, _, _ in Formatter().parse(english):
            words += len(literal)
            pattern += re.escape(literal) + (f"(?P<{name}>.*?)" if name else "")
        made.append((words, re.compile(pattern, re.DOTALL), chinese))
    return [(pattern, chinese) for _, pattern, chinese in sorted(made, key=lambda m: -m[0])]
