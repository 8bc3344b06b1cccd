"""The JSON Schemas of the lines that `reconcile --json` prints, made from `described`.

`python -m replay.reconcile.schema reconcile` prints one; `docs/schema/` has them.
"""

import sys

from projections.views.schema import Published, as_text
from replay.reconcile.described import Disagreement, Summary

PUBLISHED = {
    "reconcile": Published("A row that `reconcile --json` prints, version 1", (Disagreement,)),
    "reconcile-summary": Published("The last line of `reconcile --json`, version 1", (Summary,)),
}

if __name__ == "__main__":
    print(as_text(sys.argv[1], PUBLISHED[sys.argv[1]]), end="")
