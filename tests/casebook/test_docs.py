"""The cases that `docs/rulebooks.md` shows pass, and every word of facts is named there."""

import re
from textwrap import dedent

import pytest

from ledger.rulebook.shelf import SHIPPED, Shelf
from replay.casebook.cases import parse
from replay.casebook.run import Libraries, failures
from replay.casebook.suites import zone_of
from replay.casebook.wording import WORDS

ROOT = SHIPPED.parents[1]
PAGE = (ROOT / "docs" / "rulebooks.md").read_text("utf-8")
LIBRARIES = Libraries(Shelf([ROOT / "examples" / "rulebooks"]))
SHOWN = {
    block.splitlines()[0].strip(): dedent(block)
    for block in re.findall(r"(?:^    .*\n)+", PAGE, re.M)
    if block.lstrip().startswith("## ")
}
FILLED = re.findall(r"^    (2023.*violation v\d.* \| .* \| .*)$", PAGE, re.M)


def test_there_are_some() -> None:
    assert len(SHOWN) >= 2
    assert len(FILLED) == 2


@pytest.mark.parametrize("name", SHOWN)
def test_a_case_that_is_shown_passes(name: str) -> None:
    book = "wechat-mini-shop" if "WX" in name else "douyin-creator"
    text = SHOWN[name]
    if "WX" in name:
        head = [line for line in text.splitlines() if "| " not in line]
        text = "\n".join([*head, *FILLED])
    (case,) = parse(text, "page", (book,), zone_of(LIBRARIES.shelf))
    assert [(f.expected, f.got) for f in failures(case, LIBRARIES)] == []


@pytest.mark.parametrize("word", WORDS)
def test_a_word_is_named(word: str) -> None:
    assert re.search(rf"`{word}[ `]", PAGE)


@pytest.mark.parametrize("line", ["rulebook NAME", "start TIME", "simulate", "standing"])
def test_a_line_is_named(line: str) -> None:
    assert line in PAGE
