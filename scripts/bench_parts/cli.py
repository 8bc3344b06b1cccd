"""Start-up: what the program costs before it does anything, in CPU time of the whole process.

Both sides run from compiled bytecode, as installed programs do, also where the environment says
that Python shall not write any.
"""

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

ROUNDS = 21
PROGRAM = str(Path(sys.executable).parent / "penalty-ledger")
FACTS = "\n".join(
    f'{{"specversion":"1.0","id":"{n}","source":"bench","subject":"c-1",'
    f'"time":"2024-08-{n + 1:02}T00:00:00Z","type":"{kind}","data":{data}}}'
    for n, (kind, data) in enumerate(
        [
            ("creator_enrolled", "{}"),
            (
                "violation_found",
                '{"violation":"v1","category":"misleading","detected_by":"user_complaint"}',
            ),
            ("appeal_lodged", '{"violation":"v1"}'),
            ("appeal_granted", '{"violation":"v1"}'),
        ]
    )
)


def cpu_time(command: list[str], bytecode: Path) -> float:
    environment = os.environ | {"PYTHONPYCACHEPREFIX": str(bytecode)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def figures() -> Iterator[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        db = f"sqlite:///{folder}/bench.db"
        facts = Path(folder, "facts.jsonl")
        facts.write_text(FACTS + "\n")
        subprocess.run([PROGRAM, "--db", db, "import", str(facts)], check=True, capture_output=True)
        commands = {
            "peer": [sys.executable, "-c", "import click, rich"],
            "help": [PROGRAM, "--help"],
            "standing": [PROGRAM, "--db", db, "standing", "c-1", "--json"],
        }
        times: dict[str, list[float]] = {name: [] for name in commands}
        for turn in range(ROUNDS + 1):  # interleaved; the first round compiles and warms the caches
            for name, command in commands.items():
                spent = cpu_time(command, Path(folder))
                if turn:
                    times[name].append(spent)
    peer = median(times["peer"])
    for name, label, target in (
        ("help", "penalty-ledger --help", 1.6),
        ("standing", "standing of a small creator", 2.5),
    ):
        ratio = median(times[name]) / peer
        yield {
            "name": f"cli.{name}: {label}",
            "value": round(median(times[name]) * 1000, 1),
            "unit": "ms CPU",
            "against": f"python -c 'import click, rich' ({peer * 1000:.0f} ms)",
            "ratio": round(ratio, 2),
            "target": f"<= {target}",
            "met": ratio <= target,
        }
