"""Apache Spark: the tests on local[2] and on a local cluster, processes killed midway included.

They are not of `scripts/test`'s own set-up for Spark's size: see docs/scale.md. Java 17 or newer
must be here.
"""

import os
import sys
from pathlib import Path

import click
import pytest

ROOT = Path(__file__).parents[2]


@click.command(help=__doc__)
def campaign() -> None:
    os.chdir(ROOT)
    os.environ["PENALTY_LEDGER_SPARK"] = "required"
    sys.exit(pytest.main(["-q", "--durations=5", "tests/population/test_spark.py"]))
