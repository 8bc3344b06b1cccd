"""The JSON Schemas of a row and of a change, made from `described`.

`python -m projections.readmodels.schema row` prints one; `docs/schema/` has them.
"""

import sys

from projections.readmodels.described import Change, Row
from projections.views.schema import Published, as_text

PUBLISHED = {
    "row": Published("A row of a read model, version 1", (Row,)),
    "change": Published("An entry of the change feed: a CloudEvent, version 1", (Change,)),
}

if __name__ == "__main__":
    print(as_text(sys.argv[1], PUBLISHED[sys.argv[1]]), end="")
