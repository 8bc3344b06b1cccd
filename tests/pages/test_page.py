"""The page: well formed whatever facts say, nothing but itself, its blocks in their order."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from samples import envelopes, store

from ledger.facts import types as f
from pages.charts import long
from pages.examples import PRINTED_AT, asked, mei
from projections.standing.question import Question
from replay.pages.files import Documents, documents
from replay.pages.rows import PAGE
from replay.picture.elements import as_html, node

EMPTY = {"meta", "link", "img", "br", "input"}
ORDER = ["head", "can", "why", "known", "ledger", "conditions", "picture", "clauses", "assumed",
         "detection", "proof"]  # fmt: skip


class Reader(HTMLParser):
    """Fails where a tag is not closed; keeps what there is."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.said = ""
        self.feed(page)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.said += data


EVIL = "</title><script>alert(1)</script>&amp;"
BIDI = "\u202egnp.exe"


@pytest.fixture
def hostile(tmp_path: Path) -> Documents:
    """A creator whose name, violation, item and reasons are an attack."""
    facts = envelopes(
        [
            ("2024-07-08 09:00", f.CreatorEnrolled()),
            ("2024-07-10 09:00", f.ViolationFound(EVIL, "misleading", "other", item=f"'\"{EVIL}")),
            ("2024-07-11 09:00", f.ViolationFound("v2", "fraud", "other")),
            ("2024-07-12 09:00", f.MeasureImposed("weird_thing", "risk")),
            ("2024-07-13 09:00", f.FactRetracted("e3", BIDI + EVIL)),
        ],
        subject=EVIL,
    )
    url = store(tmp_path, facts)
    with Question(url, (), None, None) as question:
        question.now = PRINTED_AT
        return documents(question, question.ask(EVIL, rulings=True), "en")


def test_nothing_that_is_said_becomes_markup(hostile: Documents) -> None:
    page, picture = Reader(hostile.html()), Reader(hostile.svg())
    for read in (page, picture):
        assert "script" not in read.tags
        assert "alert(1)" in read.said
    assert "\u202e" not in hostile.html() + hostile.svg()
    assert r"\u202egnp.exe" in page.said


def test_every_text_is_escaped_where_it_goes_in() -> None:
    made = node("p", "", BIDI, node("b"), f"{BIDI}<i>", title=f'"{BIDI}')
    assert as_html(made).count(r"\u202e") == 3
    assert "<i>" not in as_html(made)


@pytest.mark.parametrize("facts", [2, 50, 500])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_it_is_well_formed_and_needs_nothing_else(facts: int, language: str) -> None:
    page = Reader(Documents(long(facts), language, {}, PRINTED_AT).html())
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    ids = [value for name, value in page.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    links = [value for name, value in page.attributes if name in ("href", "src")]
    assert links
    assert {link for link in links if link.removeprefix("#") not in ids} == set()


def test_earlier_rows_are_folded_by_pages() -> None:
    result = long(500)
    page = Documents(result, "en", {}, PRINTED_AT).html()
    body = page.partition('id="ledger"')[2].partition('id="conditions"')[0]
    tables = re.findall(r"<tbody>(.*?)</tbody>", body, re.S)
    rows = [table.count("<tr") for table in tables]
    assert rows[-1] == PAGE
    assert sum(rows) >= 500
    assert body.count('class="earlier"') == len(tables) - 1


def test_the_blocks_are_in_their_order(tmp_path: Path) -> None:
    page = asked(tmp_path, mei(), "2024-08-06 20:00", "2024-08-06 20:00", "en").html()
    body = page.partition("<body>")[2]
    headings = {
        "head": '<header class="head">', "can": "What can still be done", "why": "<h2>Why",
        "known": "Known then, known now", "picture": '<svg class="picture wide"',
    }  # fmt: skip
    places = [body.index(headings.get(block, f'<details id="{block}"')) for block in ORDER]
    assert places == sorted(places)


def late(folder: Path) -> Documents:
    """An appeal recorded 30 hours late, and a violation withdrawn after two days of its stop."""
    facts = envelopes(
        [
            ("2024-07-08 09:00", f.CreatorEnrolled(level=4, reputation=480)),
            ("2024-07-10 09:00", f.ViolationFound("v1", "infringement", "user_complaint")),
            ("2024-07-10 10:00", f.ViolationFound("v2", "infringement", "other")),
            ("2024-07-12 09:00", f.AppealGranted("v2")),
            ("2024-07-20 09:00", f.ViolationFound("v3", "prohibited_content", "other")),
            ("2024-07-22 09:00", f.FactRetracted("e5", "entered for another creator")),
        ],
        recorded={4: "2024-07-13 15:00"},
    )
    return asked(folder, facts, "2024-07-25", "2024-07-25", "en")


def test_what_was_executed_is_told_and_drawn(tmp_path: Path) -> None:
    """25 hours until v2's stop ended by itself, 48 until v3 was withdrawn."""
    written = late(tmp_path)
    said = Reader(written.html()).said
    assert "Product sharing was stopped 73 hours longer than the record supports now." in said
    assert "withdrawn on 2024-07-22 09:00 by e6: “entered for another creator”" in said
    assert 'class="told"' in written.svg()


def test_a_sum_stands_beside_its_sentence_and_what_it_rests_on(tmp_path: Path) -> None:
    page = asked(tmp_path, mei(), "2024-08-06 20:00", "2024-08-06 20:00", "en").html()
    said = Reader(page).said
    assert "10 − 3° = 7" in said
    assert "7 + 1.5° = 8.5" in said
    assert "“Misleading information, false advertising”: it costs 3 points (assumed)" in said
    assert "node 8: it starts when a violation takes the score below 8 (assumed)" in said


def test_the_command_that_asks_again_names_both_times(tmp_path: Path) -> None:
    page = asked(tmp_path, mei(), "2024-08-06 20:00", "2024-08-07 20:00", "en").html()
    times = "--as-of 2024-08-06T20:00:00+08:00 --known-at 2024-08-07T20:00:00+08:00"
    assert f"penalty-ledger audit mei {times}" in Reader(page).said
