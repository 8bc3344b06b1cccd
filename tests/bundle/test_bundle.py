"""A bundle gives its answers again without a ledger, and no byte of it can be another."""

import json
import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from click.testing import CliRunner, Result
from draft_rulebooks import LABEL, draft
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from model.histories import KINDS, histories
from rulebook.samples import SOUND, put
from samples import APPEAL_FIRST, EXAM_FIRST, envelopes, store

from ledger.errors import InputError, LedgerError
from ledger.facts import types as f
from ledger.facts.envelope import Envelope
from projections.standing.question import Question
from replay.bundle.form import START, Line, read, written
from replay.bundle.pack import pack
from replay.bundle.rerun import rerun
from replay.cli import main

OWN = [
    ("2021-01-01 09:00", f.CreatorEnrolled(rulebook="shop")),
    ("2021-02-01 09:00", f.ViolationFound("v1", "late", "other")),
    ("2021-02-02 09:00", f.AppealGranted("v1")),
]


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def small(folder: Path) -> bytes:
    put(folder / "rules", SOUND)
    url = store(folder, envelopes(OWN))
    with Question(url, [folder / "rules"]) as question:
        return b"".join(written(pack(question, ["mei"])))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A small bundle."""
    return small(tmp_path_factory.mktemp("small"))


def lines_of(data: bytes) -> list[Line]:
    """The lines of a bundle with the names of their runs, to be written otherwise."""
    *lines, table, _ = data.splitlines()
    names = [r["name"] for r in json.loads(table)["runs"] for _ in range(r["lines"])]
    return list(zip(names, map(json.loads, lines), strict=True))


def forged(data: bytes, change: Callable[[list[Line]], object]) -> bytes:
    """The same with something changed, and all hashes right."""
    lines = lines_of(data)
    change(lines)
    return b"".join(written(lines))


def the(lines: list[Line], part: str) -> Any:
    return next(said for _, said in lines if said["part"] == part)


def test_the_answers_come_out_again_without_a_ledger(tmp_path: Path) -> None:
    url = store(tmp_path, envelopes(EXAM_FIRST), envelopes(APPEAL_FIRST, "ann"))
    file = tmp_path / "a.bundle"
    made = run("--db", url, "export", "--bundle", file, "mei", "ann", "--as-of", "2024-07-31")
    assert made.exit_code == 0, made.output
    nowhere = ("--db", "sqlite:///nosuch.db")
    said = run(*nowhere, "audit", "--bundle", file)
    assert (said.exit_code, said.stderr) == (0, "")
    assert [line.split(": ")[-1] for line in said.stdout.splitlines()[1:]] == [
        "the same (6 rulings)"
    ] * 2
    assert run(*nowhere, "audit", "--bundle", file, "ann").stdout.count("\n") == 2
    chinese = run(*nowhere, "audit", "--bundle", file, "--lang", "zh").stdout.splitlines()
    assert [line[-8:] for line in chinese[1:]] == ["：6项裁定均相同"] * 2
    views = [
        json.loads(v)
        for v in run(*nowhere, "audit", "--bundle", file, "--json").stdout.splitlines()
    ]
    assert [(v["creator"], v["rulings"], v["same"], v["difference"]) for v in views] == [
        ("mei", 6, True, None),
        ("ann", 6, True, None),
    ]
    audit = json.loads(run("--db", url, "audit", "ann", "--as-of", "2024-07-31", "--json").stdout)
    kept = [said["audit"] for _, said in lines_of(file.read_bytes()) if said["part"] == "answer"][1]
    assert kept["rulings"] == audit["rulings"]
    assert kept["standing"] == audit["standing"]


def test_the_same_question_makes_the_same_bytes(tmp_path: Path) -> None:
    url = store(tmp_path, envelopes(EXAM_FIRST))
    asked = ("--as-of", "2024-07-31", "--known-at", "2024-07-31")
    files = [tmp_path / name for name in ("a", "b")]
    for file in files:
        assert run("--db", url, "export", "--bundle", file, "mei", *asked).exit_code == 0
    assert files[0].read_bytes() == files[1].read_bytes()
    *above, table, last = files[0].read_bytes().splitlines(keepends=True)
    digests = sha256(table).hexdigest(), sha256(b"".join([*above, table])).hexdigest()
    assert json.loads(last) == dict(zip(("table", "sha256"), digests, strict=True))


@pytest.mark.parametrize(("known_at", "score"), [("2024-12-20", "8"), ("2024-12-01", "7")])
def test_rules_are_those_that_were_adopted_by_then(
    tmp_path: Path, known_at: str, score: str
) -> None:
    """The draft takes 2 points where the rules in force take 3; it is withdrawn again later."""
    own = tmp_path / "own"
    draft(own, ("points = 3\nrestorable = 1.5", "points = 2\nrestorable = 1.5"))
    with Question(store(tmp_path, envelopes(EXAM_FIRST)), [own]) as question:
        digest = question.shelf.find(LABEL).hash
    about = [
        ("2024-12-15 09:00", f.RulebookAdopted("douyin-creator", "2025-01", digest)),
        ("2024-12-25 09:00", f.FactRetracted("e1", "too early")),
    ]
    of_ann = [
        ("2024-11-01 09:00", f.CreatorEnrolled()),
        ("2025-02-01 09:00", f.ViolationFound("v1", "misleading", "other")),
    ]
    told = {2: "2024-11-02 09:00"}
    (tmp_path / "two").mkdir()
    histories = envelopes(about, "douyin-creator"), envelopes(of_ann, "ann", told)
    url, file = store(tmp_path / "two", *histories), tmp_path / "a.bundle"
    asked = ("--as-of", "2025-02-02", "--known-at", known_at)
    made = run("--db", url, "--rulebooks", own, "export", "--bundle", file, "ann", *asked)
    assert made.exit_code == 0, made.output
    bundle = read(file.read_bytes(), "a.bundle")
    assert bundle.answers[0].audit.standing["score"] == score
    assert [verdict.difference for verdict in rerun(bundle)] == [None]


@settings(max_examples=25)
@given(histories(kinds=(*KINDS, "retraction")))
def test_any_history_comes_out_again(history: list[Envelope]) -> None:
    with TemporaryDirectory() as folder:
        url = store(Path(folder), history)
        with Question(url) as question:
            data = b"".join(written(pack(question, [history[0].subject])))
            facts = question.log.stream(history[0].subject)
    bundle = read(data, "it")
    assert bundle.facts[history[0].subject] == facts
    [verdict] = rerun(bundle)
    assert (verdict.difference, verdict.worded) == (None, 0)


def refusal(data: bytes) -> str:
    """What is said of bytes that are no whole bundle."""
    with pytest.raises(InputError) as refused:
        read(data, "it")
    return str(refused.value)


def test_any_one_bit_that_is_another_is_found_and_its_lines_are_named(data: bytes) -> None:
    runs = json.loads(data.splitlines()[-2])["runs"]
    names = [run["name"] for run in runs for _ in range(run["lines"])]
    names += ["the table of its parts", "its last line"]
    at = 0
    for name, line in zip(names, data.splitlines(), strict=True):
        for place in range(at, at + len(line) + 1):
            for bit in range(8):
                altered = bytearray(data)
                altered[place] ^= 1 << bit
                said = refusal(bytes(altered))
                assert said.startswith("it is not as it was written: "), (place, bit)
                if place < at + len(line):  # a line end that is gone makes one line of two
                    assert name in said, (place, bit, said)
        at += len(line) + 1


def test_what_is_cut_off_at_any_place_is_refused(data: bytes) -> None:
    for size in range(len(data)):
        assert re.search(r"is not as it was written|is no bundle", refusal(data[:size]))
    assert "it is cut off, or its last line" in refusal(data[:-1])


@given(st.binary(max_size=300) | st.sampled_from([b"{}\n", b"SQLite format 3\0", b"\n", b"\xff\n"]))
def test_what_is_no_bundle_is_one_sentence(junk: bytes) -> None:
    assume(not junk.startswith(START))
    with pytest.raises(InputError, match=r"^it is no bundle: `export --bundle` writes one$"):
        read(junk, "it")


def test_another_points_figure_with_all_hashes_right_is_found_by_asking_again(
    data: bytes, tmp_path: Path
) -> None:
    def change(lines: list[Line]) -> None:
        the(lines, "answer")["audit"]["rulings"][1]["change"] = "-1"

    file = tmp_path / "a.bundle"
    file.write_bytes(forged(data, change))
    said = run("audit", "--bundle", file)
    assert said.exit_code == 1
    assert said.stdout.splitlines()[1:] == [
        said.stdout.splitlines()[1],
        '  change: "-1" in the bundle, "-2" here',
    ]
    assert "the ruling on e2 (position 2) is another one" in said.stdout
    view = json.loads(run("audit", "--bundle", file, "--json").stdout)
    assert (view["same"], view["difference"]) == (
        False,
        {
            "part": "rulings",
            "position": 2,
            "event": "e2",
            "fields": {"change": {"bundle": "-1", "here": "-2"}},
        },
    )


def test_a_seal_over_a_table_that_is_none_is_one_sentence(data: bytes) -> None:
    for table in (b"[" * 100_000 + b"\n", b"\xff\n", b"{}\n"):
        seal = {"table": sha256(table).hexdigest(), "sha256": "0" * 64}
        last = json.dumps(seal, separators=(",", ":")).encode() + b"\n"
        assert "the table of its parts" in refusal(data[:500] + b"\n" + table + last)


def drop(part: str) -> Callable[[list[Line]], object]:
    def change(lines: list[Line]) -> None:
        lines.remove(next(line for line in lines if line[1]["part"] == part))

    return change


def twice(part: str) -> Callable[[list[Line]], object]:
    def change(lines: list[Line]) -> None:
        lines.append(next(line for line in lines if line[1]["part"] == part))

    return change


def deep(levels: int) -> Any:
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


def put_in(part: str, *path: Any, value: Any) -> Callable[[list[Line]], object]:
    def change(lines: list[Line]) -> None:
        holder = the(lines, part)
        for key in path[:-1]:
            holder = holder[key]
        holder[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "code", "told"),
    [
        (put_in("head", "format", value=2), 3, "a newer version of this program (format 2, this"),
        (put_in("head", "more", value=1), 3, "line 1, is no part of a bundle: "),
        (drop("head"), 3, "no part of a bundle: it has no head or no answer"),
        (drop("answer"), 3, "it has no head or no answer"),
        (drop("fact"), 3, "line 2, is no part of a bundle: not the fact no. 1 of 'mei'"),
        (drop("rulebook"), 4, "the bundle has no rulebook shop"),
        (put_in("fact", "position", value=0), 3, "line 2, is no part of a bundle: "),
        (put_in("fact", "fact", "type", value="x"), 3, "line 2, type: found \"x\"; wanted"),
        (put_in("fact", "fact", "recordedtime", value=None), 3, "recordedtime: found"),
        (put_in("rulebook", "hash", value="0"), 3, "the rulebook is shop@1 with the hash"),
        (put_in("rulebook", "toml", value="x ="), 4, "shop@1"),
        (put_in("answer", "audit", "as_of", value="then"), 3, "the bundle asks about 'then'"),
        (put_in("answer", "audit", "standing", "score", value=deep(900)), 3, "nests deeper"),
        (twice("answer"), 3, "there is an answer about that creator already"),
        (twice("head"), 3, "is no part of a bundle: it is out of place"),
        (put_in("answer", "audit", "rulings", value=[]), 1, "the ruling on e1 (position 1)"),
        (put_in("answer", "audit", "rulings", value=[{}] * 9), 1, "the ruling on "),
        (put_in("answer", "audit", "standing", "score", value="3"), 1, "and standing differs"),
        (put_in("answer", "audit", "creator", value="\u202e"), 4, "has no rulebook douyin-creator"),
    ],
)  # fmt: skip
def test_what_another_hand_wrote_ends_in_a_sentence(
    data: bytes, tmp_path: Path, change: Callable[[list[Line]], object], code: int, told: str
) -> None:
    file = tmp_path / "a.bundle"
    file.write_bytes(forged(data, change))
    said = run("audit", "--bundle", file)
    assert isinstance(said.exception, SystemExit), said.exception
    assert said.exit_code == code, said.output
    assert told in said.stdout + said.stderr


def test_a_fact_that_was_left_out_at_the_end_makes_another_ruling_missing(data: bytes) -> None:
    def change(lines: list[Line]) -> None:
        lines.remove([line for line in lines if line[1]["part"] == "fact"][-1])

    [verdict] = rerun(read(forged(data, change), "it"))
    assert verdict.difference is not None
    assert verdict.difference.at == {"position": 3, "event": "e3"}


def test_an_older_program_with_fewer_fields_and_other_words_said_the_same(data: bytes) -> None:
    def change(lines: list[Line]) -> None:
        the(lines, "head")["fields"] = [
            field for field in the(lines, "head")["fields"] if field not in {"counters", "outcome"}
        ]
        audit = the(lines, "answer")["audit"]
        del audit["standing"]["counters"]
        for ruling in audit["rulings"]:
            del ruling["outcome"]
        audit["rulings"][0]["text"]["en"] = "Welcome."

    [verdict] = rerun(read(forged(data, change), "it"))
    assert (verdict.difference, verdict.worded) == (None, 1)
    no_such_claim = put_in("answer", "audit", "standing", value={})
    [verdict] = rerun(read(forged(data, no_such_claim), "it"))
    assert verdict.difference is not None


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("export", "--bundle", "x"), 2, "--bundle needs the CREATORs"),
        (("export", "--bundle", "x", "mei", "--subject", "mei"), 2, "--bundle goes with CREATORs"),
        (("export", "mei"), 2, "go with --bundle FILE"),
        (("export", "--bundle", "x", "nobody"), 1, 'no fact is recorded of a creator "nobody"'),
        (("audit", "--bundle", "nosuch"), 3, "nosuch can't be read: No such file"),
        (("audit", "--bundle", "."), 3, ". can't be read: Is a directory"),
        (
            ("audit", "--bundle", "x", "--as-of", "2024-01-01"),
            2,
            "leave --as-of and --known-at out",
        ),
        (("audit",), 2, "Missing argument 'CREATOR'"),
    ],
)
def test_a_wrong_command_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], code: int, told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    said = run("--db", store(tmp_path, envelopes(EXAM_FIRST)), *words)
    assert said.exit_code == code
    assert told in said.stderr
    assert not (tmp_path / "x").exists()


def test_a_creator_whom_it_does_not_have_is_named(data: bytes) -> None:
    with pytest.raises(LedgerError, match=r"no answer about 'ann'; it has mei"):
        list(rerun(read(data, "it"), ["ann"]))
