"""A program killed at a system call, the store that it leaves, and the same command once more.

The program is the one that is shipped, under `strace`, which ends it as it enters its n-th call
that opens, locks, writes, cuts, syncs, links or names a file.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from click.testing import Result
from msgspec import json

from ledger.errors import NoLedgerError, StoreError
from ledger.log.port import open_reader
from ledger.log.verify import STEP

from .answers import findings
from .processes import in_process

CALLS = "openat,fcntl,write,pwrite64,ftruncate,fsync,fdatasync,unlink,rename,link,mkdir"
DOCUMENTED = {0, 1, 2, 3, 4, 5, 6}
MAIN = "from replay.cli import main; main()"


MAPPING = """
[every]
id = "{id}"
source = "t"
subject = "{who}"
time = "{at}"

[[skip]]
when = { kind = "note" }
why = "notes are no facts"

[[fact]]
when = { kind = "claim" }
type = "exam_right_claimed"
"""


class Deed(NamedTuple):
    """A command, the commands that come before it, and how it ends where nothing happens."""

    args: tuple[str, ...]
    before: tuple[tuple[str, ...], ...] = ()
    exit_code: int = 0
    after: tuple[str, ...] = ()
    """A command that must end with 0 then."""
    law: str = "drifted"
    """What is wrong where it does not."""


def line(n: int, who: str = "mei") -> str:
    said = {"specversion": "1.0", "type": "exam_right_claimed", "source": "s", "id": f"e{n}"}
    said |= {"subject": who, "time": f"2024-07-{n % 27 + 1:02}T00:00:00Z"}
    return json.encode(said).decode() + "\n"


def given(folder: Path) -> None:
    """The files that deeds bring in: some lines, and some that are set aside among two pages."""
    (folder / "first.jsonl").write_text("".join(line(n, f"c{n % 7}") for n in range(20)))
    (folder / "more.jsonl").write_text("".join(line(n, f"c{n % 7}") for n in range(10, 60)))
    many = [line(n, f"c{n % 9}") for n in range(100, 2_200)]
    many[7], many[2_050], many[2_060] = "{\n", "{\n", line(3, "other")
    (folder / "many.jsonl").write_text("".join(many))
    rows = [f"t{n},c{n % 7},2024-07-03T00:00:00Z,claim\n" for n in range(40)]
    rows[5], rows[9] = "x,c1,2024-07-03T00:00:00Z,clam\n", "x,c1,2024-07-03T00:00:00Z,note\n"
    (folder / "table.csv").write_text("id,who,at,kind\n" + "".join(rows))
    (folder / "mapping.toml").write_text(MAPPING)
    (folder / "private.key").write_text(PRIVATE_KEY + "\n")


KEY = "example.com/ledger+960fa71c+Abo0g/gqQAMTC3wYEHCqi1SjcjGpplnRhZx6hhQretjd"
PRIVATE_KEY = "PRIVATE+KEY+example.com/ledger+960fa71c+AR5nREcbwIijlYxq7A2hS6SzaYPA3//MJQOBvdM4SMw4"
SEAL = ("seal", "--key", "private.key")
SEALED = ("verify", "--key", KEY, "--standings")
FIRST = ("import", "first.jsonl")
DEEDS = {
    "import into a new ledger": Deed(FIRST),
    "import": Deed(("import", "more.jsonl"), (FIRST,)),
    "import, lines set aside": Deed(("import", "many.jsonl"), (FIRST,), 1),
    "import a table": Deed(("import", "table.csv", "--mapping", "mapping.toml"), (FIRST,), 1),
    "record": Deed(
        ("record", "exam_right_claimed", "--subject", "mei", "--id", "r", "--time",
         "2024-07-02T00:00:00Z"), (FIRST,),
    ),
    "project": Deed(
        ("project", "--once", "--sql", "sqlite:///rows.db"), (FIRST,), 0,
        ("check", "--drift", "--sql", "sqlite:///rows.db"),
    ),
    "seal": Deed(SEAL, (FIRST, SEAL, ("import", "more.jsonl")), 0, SEALED, "forked"),
}  # fmt: skip


class Ended(NamedTuple):
    """What was wrong after a fault; all zero where nothing was."""

    lost: int = 0
    phantom: int = 0
    doubled: int = 0
    altered: int = 0
    drifted: int = 0
    forked: int = 0
    """What was sealed is not the beginning of what is there, or that goes unsaid."""
    undetected: int = 0
    """Answers by a ledger that is no longer there."""
    unsettled: int = 0
    """The same command, given again, did not end as it does where nothing happens."""
    tracebacks: int = 0
    seconds: float = 0.0
    """Until that command had ended."""
    why: str = ""

    @property
    def clean(self) -> bool:
        return not any(self[:9])


Fact = tuple[str, str, str, bytes]


def facts(folder: Path) -> list[Fact]:
    """Source, id, creator and bytes of the facts that are stored; none where there is no ledger."""
    try:
        with open_reader(f"sqlite:///{folder}/ledger.db") as log:
            found, position = list[Fact](), 0
            while page := log.after(position, STEP):
                found += [(e.source, e.id, e.subject, repr(e).encode()) for e in page]
                position = page[-1].position
            return found
    except NoLedgerError:
        return []


class Theatre:
    """One deed: where it starts from, and where it leads to."""

    def __init__(self, home: Path, name: str) -> None:
        self.deed = DEEDS[name]
        self._home, self.start = home, home / "start"
        self.start.mkdir(parents=True)
        given(self.start)
        for args in self.deed.before:
            assert self.again(self.start, *args).exit_code == 0
        self.stored = facts(self.start)
        whole = self.copy("whole")
        assert self.again(whole, *self.deed.args).exit_code == self.deed.exit_code
        self.due = facts(whole)
        self.aside = set_aside(whole)
        shutil.rmtree(whole)

    def copy(self, name: str) -> Path:
        return Path(shutil.copytree(self.start, self._home / name))

    def again(self, folder: Path, *args: str) -> Result:
        here = Path.cwd()
        os.chdir(folder)
        try:
            return in_process("--db", "sqlite:///ledger.db", *args)
        finally:
            os.chdir(here)

    def judge(self, folder: Path, answered: bool) -> Ended:
        """Look at what is there, do the same once more, and look again."""
        try:
            left = facts(folder)
        except StoreError as error:
            return Ended(lost=len(self.stored), why=str(error))
        owed = self.due if answered else self.stored
        names = [fact[:3] for fact in left]
        may = {fact[:3] for fact in self.due}
        began = time.monotonic()
        once = self.again(folder, *self.deed.args)
        took = time.monotonic() - began
        wrong = [f"verify: {finding.text}" for finding in findings(f"sqlite:///{folder}/ledger.db")]
        end = facts(folder)
        settled = (
            once.exit_code == self.deed.exit_code
            and [fact[:3] for fact in end] == [fact[:3] for fact in self.due]
            and set_aside(folder) == self.aside
        )
        untrue = self.deed.after and self.again(folder, *self.deed.after).exit_code != 0
        broken = once.exception is not None and not isinstance(once.exception, SystemExit)
        return Ended(
            lost=len({fact[:3] for fact in owed} - set(names)),
            phantom=len(set(names) - may),
            doubled=len(names) - len(set(names)) + len(end) - len({fact[:3] for fact in end}),
            altered=len(wrong) + (left[: len(self.stored)] != self.stored),
            drifted=int(bool(untrue) and self.deed.law == "drifted"),
            forked=int(bool(untrue) and self.deed.law == "forked"),
            unsettled=int(not settled),
            tracebacks=int(broken or once.exit_code not in DOCUMENTED),
            seconds=took,
            why="" if settled and not wrong else f"{once.output[-300:]} {wrong[:3]}",
        )


def set_aside(folder: Path) -> Counter[str]:
    """The lines in reject files."""
    files = (path for path in folder.glob("*.rejects.*") if path.suffix in {".jsonl", ".csv"})
    return Counter(text for path in files for text in path.read_text().splitlines())


def run(
    folder: Path, args: Sequence[str], *options: str, calls: str = CALLS
) -> "subprocess.CompletedProcess[str]":
    """The program under `strace`, in a folder."""
    program = [sys.executable, "-c", MAIN, "--db", "sqlite:///ledger.db", *args]
    return subprocess.run(
        ["strace", "-f", "--seccomp-bpf", "-qq", "-y", "-e", f"trace={calls}", *options, *program],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"},
    )


class Kills:
    """The calls of a deed, from the first that names its folder, and a kill at any of them."""

    def __init__(self, home: Path, name: str) -> None:
        self.theatre = Theatre(home, name)
        folder, trace = self.theatre.copy("traced"), home / "trace"
        run(folder, self.theatre.deed.args, "-o", str(trace))
        lines = trace.read_text(errors="replace").splitlines()
        ours = re.compile(re.escape(str(folder) + "/"))
        named = [n for n, text in enumerate(lines, 1) if ours.search(text)]
        self.calls = range(named[0], len(lines) + 1)
        shutil.rmtree(folder)

    def kill(self, call: int) -> Ended:
        folder = self.theatre.copy("killed")
        inject = f"inject={CALLS}:signal=SIGKILL:when={call}"
        done = run(folder, self.theatre.deed.args, "-o", "/dev/null", "-e", inject)
        ended = self.theatre.judge(folder, answered=done.returncode >= 0 and bool(done.stdout))
        shutil.rmtree(folder)
        return ended
