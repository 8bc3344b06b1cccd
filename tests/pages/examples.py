"""The worked examples as files: `docs/pictures` holds them, a test compares.

    PYTHONPATH=.:tests .venv/bin/python -m pages.examples

writes them anew; look at each before it is kept.
"""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from click.testing import CliRunner
from msgspec.structs import replace
from samples import store

from ledger.facts.cloudevents import Refusal, parse
from ledger.facts.envelope import Envelope
from ledger.log.port import open_log
from projections.standing.moments import read_moment
from projections.standing.question import Question
from replay.cli import main
from replay.pages.files import Documents, documents
from replay.whatif.counterfactual import compare
from replay.whatif.paper import Paper
from replay.whatif.scenario import Scenario

ROOT = Path(__file__).parents[2]
EXAMPLES, PICTURES = ROOT / "examples", ROOT / "docs" / "pictures"
LICENCES = EXAMPLES / "super-licence"
PRINTED_AT = 1_765_180_800_000_000
"""2025-12-08 08:00 UTC: the day after the table of decisions was published."""


def mei() -> list[Envelope]:
    """An exam in place of a penalty, recorded as it happened."""
    lines = (EXAMPLES / "exam-in-place" / "exam_then_appeal.jsonl").read_text("utf-8").splitlines()
    found = [parse(line, file="mei", line_no=n) for n, line in enumerate(lines, 1)]
    facts = [e for e in found if not isinstance(e, Refusal)]
    return [replace(e, recorded_at=e.effective_at) for e in facts]


def magnussen(folder: Path) -> list[Envelope]:
    """A driver who missed a race, from the stewards' table: recorded in one go."""
    url = f"sqlite:///{folder}/races.db"
    for words in (
        ("decisions.csv", "--mapping", str(LICENCES / "mapping.toml")),
        ("races.jsonl",),
    ):
        file, *options = words
        done = CliRunner().invoke(main, ["--db", url, "import", str(LICENCES / file), *options])
        assert done.exit_code == 0, done.output
    with open_log(url) as log:
        return [replace(e, recorded_at=PRINTED_AT) for e in log.stream("kevin-magnussen")]


def asked(
    folder: Path, facts: list[Envelope], as_of: str, known_at: str, language: str
) -> Documents:
    """What can be written of the one creator whose facts they are."""
    books = [LICENCES / "rulebooks"]
    url = store(folder, facts)
    with Question(url, books, read_moment(as_of), read_moment(known_at)) as question:
        question.now = PRINTED_AT
        result = question.ask(facts[0].subject, rulings=True)
        return documents(question, result, language)


def made() -> Iterator[tuple[str, str]]:
    """(file name, text) of each example."""
    with TemporaryDirectory() as folder:
        shown = {
            "mei": (mei(), "2024-08-06 20:00", "2024-08-06 20:00", "zh"),
            "kevin-magnussen": (
                magnussen(Path(folder)), "2024-09-20", "2025-12-08 08:00", "en",
            ),
        }  # fmt: skip
        for name, (facts, as_of, known_at, language) in shown.items():
            (Path(folder) / name).mkdir()
            of_it = asked(Path(folder) / name, facts, as_of, known_at, language)
            yield f"{name}.html", of_it.html()
            yield f"{name}.svg", of_it.svg()
        beside = without_the_exam(Path(folder))
        yield "mei-without-exam.html", beside.html()
        yield "mei-without-exam.svg", beside.svg()


def without_the_exam(folder: Path) -> Paper:
    """The first example beside the same without its exam."""
    (folder / "without").mkdir()
    at = read_moment("2024-08-07 13:00")
    with Question(store(folder / "without", mei()), [], at, at) as question:
        comparison = compare(question, "mei", Scenario.of(drop=["e5"]))
        return Paper(comparison, "zh", PRINTED_AT)


if __name__ == "__main__":
    for name, text in made():
        (PICTURES / name).write_text(text, encoding="utf-8")
