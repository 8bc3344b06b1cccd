"""The main job, on a published example and on real decisions.

Facts go in through the program, are replayed, and what comes out is compared with the figures that
others have published. Ends with 1 if one of them differs.
"""

import sys
import tempfile
from pathlib import Path

from demo_parts import exam_in_place, super_licence
from demo_parts.checks import Checks
from rich.console import Console


def main() -> int:
    console = Console(width=None if sys.stdout.isatty() else 118, highlight=False)
    checks = Checks()
    with tempfile.TemporaryDirectory() as folder:
        for part in (exam_in_place, super_licence):
            part.show(console, checks, Path(folder))
    console.rule()
    for sentence in checks.failed:
        console.print(f"[bold red]differs:[/] {sentence}", markup=True)
    verdict = f"{checks.met} of {checks.met + len(checks.failed)} figures as published"
    console.print(f"[bold]{verdict}.[/]")
    if not checks.failed:
        console.print(
            "The program is at .venv/bin/penalty-ledger; try\n"
            "  .venv/bin/penalty-ledger --db sqlite:///f1.db import "
            "examples/super-licence/decisions.csv --mapping examples/super-licence/mapping.toml\n"
            "  .venv/bin/penalty-ledger --db sqlite:///f1.db import "
            "examples/super-licence/races.jsonl\n"
            "  .venv/bin/penalty-ledger --db sqlite:///f1.db "
            "--rulebooks examples/super-licence/rulebooks audit kevin-magnussen",
            soft_wrap=True,
        )
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
