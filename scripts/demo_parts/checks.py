"""What the parts of the demo share: the figures that must hold, and the way in and out."""

import subprocess
import sys
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from ledger.log.port import open_log
from ledger.rulebook.shelf import Shelf
from projections.standing.replay import Library, replay
from projections.views.objects import audit_view

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
PROGRAM = Path(sys.executable).parent / "penalty-ledger"


@dataclass
class Checks:
    """Counts the figures that are as published and keeps a sentence for each that is not."""

    met: int = 0
    failed: list[str] = field(default_factory=list)

    def equal(self, what: str, found: object, published: object) -> bool:
        if found == published:
            self.met += 1
            return True
        self.failed.append(f"{what}: {found!r}, published {published!r}")
        return False


def bring_in(db: str, *arguments: str | Path, own: Path | None = None) -> None:
    """`penalty-ledger import …`, as a person would, with their own rulebooks."""
    with_own = ["--rulebooks", str(own)] if own else []
    command = [str(PROGRAM), "--db", db, *with_own, "import", *map(str, arguments)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def audits(db: str, as_of: str, own: Path | None = None) -> dict[str, dict[str, Any]]:
    """The audit of every creator in a store, as `audit --json` gives it."""
    at = int(datetime.fromisoformat(as_of).timestamp()) * 1_000_000
    library = Library(Shelf([own] if own else []))
    with open_log(db) as log:
        return {
            subject: audit_view(
                replay(subject, log.stream(subject), library, as_of=at, rulings=True)
            )
            for subject in log.subjects()
        }
