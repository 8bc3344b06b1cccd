"""A real log of 561,470 events through a mapping file, from gzip to committed.

The log is not part of the project: PENALTY_LEDGER_ROADS names the file, else it is looked for
beside the checkout. The mapping alone is measured too, so that the share of the store is seen.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench_parts._memory import peak_mib

from ledger.exchange.mapping import load_mapping
from ledger.exchange.table_import import import_table
from ledger.exchange.tabular import open_table
from ledger.log.port import open_log

ROOT = Path(__file__).parents[2]
BESIDE = ROOT / "../shared/data/road_traffic_fines"
MAPPING = ROOT / "examples/road-traffic/mapping.toml"
ROWS, FACTS, SECONDS = 561_470, 858_247, 60.0


def log_file() -> Path | None:
    given = Path(os.environ.get("PENALTY_LEDGER_ROADS") or BESIDE)
    file = given / "road_traffic_fines.csv.gz" if given.is_dir() else given
    return file if file.is_file() else None


def read_alone(file: Path) -> float:
    began = time.perf_counter()
    with file.open("rb") as stream:
        _, rows = open_table(stream, file.name, load_mapping(MAPPING))
        facts = sum(len(row.facts) for row in rows)
    assert facts == FACTS, facts
    return time.perf_counter() - began


def whole(file: Path) -> float:
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        with open_log(f"sqlite:///{folder}/roads.db", create=True) as log:
            tally = import_table(file, MAPPING, log)
            took = time.perf_counter() - began
            assert (tally.recorded, log.head(), tally.clean) == (FACTS, FACTS, True)
            assert sum(tally.skipped.values()) == 4_056
    return took


def figures() -> Iterator[dict[str, Any]]:
    file = log_file()
    if file is None:
        print(
            "roads: the log is not here: set PENALTY_LEDGER_ROADS to road_traffic_fines.csv.gz "
            "(doi:10.4121/uuid:270fd440-1057-4fb9-89a9-b699b47990f5)",
            file=sys.stderr,
        )
        return
    alone = read_alone(file)
    took = whole(file)
    memory = peak_mib()
    yield {
        "name": f"roads.import: {ROWS:,} rows, {FACTS:,} facts, CSV to committed",
        "value": round(took, 1),
        "unit": "s",
        "against": f"reading through the mapping only ({alone:.1f} s)",
        "ratio": round(took / alone, 2),
        "target": f"<= {SECONDS:.0f} s",
        "met": took <= SECONDS,
    }
    yield {
        "name": "roads.memory: most memory of the process",
        "value": round(memory, 1),
        "unit": "MiB",
        "against": None,
        "ratio": None,
        "target": None,
        "met": None,
    }
