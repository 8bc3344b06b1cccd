"""Whatever is changed in a store, no answer is another one, and `verify` says where it is."""

import random
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import cast

import pytest
from conftest import Store
from faults.answers import answers, findings, questions

from ledger.errors import StoreError
from ledger.facts import types as f
from ledger.facts.envelope import Envelope
from ledger.log.port import open_log, open_reader
from ledger.log.verify import Verified, Walk, verify

CREATORS = ("ann", "bob", "cy")
FACTS = [
    Envelope("s", f"e{i}", CREATORS[i % 3], 1_720_000_000_000_000 + i, f.ProfileChanged(i, 100 + i))
    for i in range(12)
]
DAMAGE = {
    "another byte": "UPDATE stored_events SET state = {other} WHERE {position} = 5",
    "another hash": "UPDATE stored_events SET hash = state WHERE {position} = 5",
    "another creator": "UPDATE stored_events SET originator_id = 'dan' WHERE {position} = 5",
    "another number": "UPDATE stored_events SET originator_version = 9 WHERE {position} = 5",
    "another position": "UPDATE stored_events SET {position} = 99 WHERE {position} = 5",
    "a creator's last fact beyond the end": "UPDATE stored_events SET {position} = 99"
    " WHERE {position} = 11",
    "a pin": "UPDATE rulebook_pins SET hash = 'b'",
    "a row deleted": "DELETE FROM stored_events WHERE {position} = 5",
    "a row and its key deleted": "DELETE FROM stored_events WHERE {position} = 5;"
    " DELETE FROM fact_keys WHERE position = 5",
    "a creator's last fact deleted": "DELETE FROM stored_events WHERE {position} = 10",
    "a creator deleted": "DELETE FROM stored_events WHERE originator_id = 'bob'",
    "a creator deleted everywhere": "DELETE FROM stored_events WHERE originator_id = 'bob';"
    " DELETE FROM fact_keys WHERE position IN (2, 5, 8, 11);"
    " DELETE FROM streams WHERE creator = 'bob'",
    "the tail cut": "DELETE FROM stored_events WHERE {position} > 9",
    "the tail and its page cut": "DELETE FROM stored_events WHERE {position} > 8;"
    " DELETE FROM pages WHERE position > 8",
    "a creator's number": "UPDATE streams SET version = 3 WHERE creator = 'bob'",
    "a creator's name": "UPDATE streams SET creator = 'bop' WHERE creator = 'bob'",
    "a page's hash": "UPDATE pages SET hash = {other} WHERE position = 8",
    "a page's creators": "UPDATE pages SET creators = 7 WHERE position = 12",
    "a page gone": "DELETE FROM pages WHERE position = 8",
    "a key's name": "UPDATE fact_keys SET id = 'e99' WHERE id = 'e4'",
    "a key's place": "UPDATE fact_keys SET position = 6 WHERE id = 'e4'",
    "a key gone": "DELETE FROM fact_keys WHERE id = 'e4'",
    "all keys gone": "DELETE FROM fact_keys",
    "another type": "UPDATE stored_events SET topic = 'exam_sat' WHERE {position} = 5",
}
HARMLESS = {"another type", "a page's hash", "a page gone"}
"""No answer is made of these; only `verify` reads them."""
UNSEEN_BY_ANSWERS = HARMLESS | {name for name in DAMAGE if name.startswith(("a key", "all keys"))}


@pytest.fixture
def filled(store: Store) -> Store:
    with open_log(store.url) as log:
        for first in range(0, 12, 4):
            log.append(FACTS[first : first + 4])
        log.pin("douyin-creator", "2024-07", "a" * 64)
    return store


def position(store: Store) -> str:
    return "rowid" if store.name == "sqlite" else "notification_id"


def damage(store: Store, name: str) -> None:
    other = "x'c0ffee'" if store.name == "sqlite" else "'\\xc0ffee'::bytea"
    for statement in DAMAGE[name].split(";"):
        store.sql(statement.format(position=position(store), other=other))


QUESTIONS = questions((*CREATORS, "dan", "bop"), 12)


def test_a_sound_log_is_sound(filled: Store) -> None:
    with open_reader(filled.url) as log:
        (end,) = verify(cast(Walk, log))
    assert isinstance(end, Verified)
    assert (end.facts, end.creators, end.end.position) == (12, 3, 12)


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_no_other_answer(filled: Store, name: str) -> None:
    before = dict(answers(filled.url, QUESTIONS))
    damage(filled, name)
    refused = 0
    for question, answer in answers(filled.url, QUESTIONS):
        refused += isinstance(answer, str)
        assert isinstance(answer, str) or answer == before[question], question
    assert (refused > 0) == (name not in UNSEEN_BY_ANSWERS)


@pytest.mark.parametrize("name", DAMAGE)
def test_verify_says_what_is_wrong_and_goes_on(filled: Store, name: str) -> None:
    damage(filled, name)
    found = findings(filled.url)
    assert found
    assert all(finding.text for finding in found)
    if "= 5" in DAMAGE[name]:
        assert any(finding.position in (5, 99) for finding in found), found


@pytest.mark.parametrize("name", ["a key's name", "a key's place", "a key gone", "all keys gone"])
def test_what_has_lost_its_key_is_told_before_more_is_recorded(filled: Store, name: str) -> None:
    damage(filled, name)
    with open_log(filled.url) as log, pytest.raises(StoreError, match="key"):
        log.check_keys()
    with open_reader(filled.url) as log:
        assert log.head() == 12


def test_two_rows_exchanged(filled: Store) -> None:
    place = position(filled)
    rows = filled.sql(f"SELECT {place}, state, hash FROM stored_events WHERE {place} IN (5, 7)")
    kind = "x'{}'" if filled.name == "sqlite" else "'\\x{}'::bytea"
    (one, *first), (two, *second) = rows
    for at, (state, kept) in ((two, first), (one, second)):
        state_, kept_ = kind.format(bytes(state).hex()), kind.format(bytes(kept).hex())
        filled.sql(
            f"UPDATE stored_events SET state = {state_}, hash = {kept_} WHERE {place} = {at}"
        )
    with open_reader(filled.url) as log:
        for ask in (lambda: log.stream("bob"), lambda: log.after(0)):
            with pytest.raises(StoreError, match=r"position [57]"):
                ask()
    assert {finding.position for finding in findings(filled.url)} >= {5, 7}


def test_every_bit_of_a_small_ledger(tmp_path: Path) -> None:
    """Any bit of the file flipped: the same answers, or a sentence; and `verify` ends."""
    path, copy = tmp_path / "l.db", tmp_path / "copy.db"
    url = f"sqlite:///{copy}"
    with open_log(f"sqlite:///{path}", create=True) as log:
        log.append(FACTS)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole = path.read_bytes()
    copy.write_bytes(whole)
    before, at = dict(answers(url, QUESTIONS)), random.Random(7)
    for _ in range(300):
        place, bit = at.randrange(len(whole)), 1 << at.randrange(8)
        copy.write_bytes(whole[:place] + bytes([whole[place] ^ bit]) + whole[place + 1 :])
        for question, answer in answers(url, QUESTIONS):
            assert isinstance(answer, str) or answer == before[question], (place, bit, question)
        findings(url)
        for beside in tmp_path.glob("copy.db-*"):
            beside.unlink()
