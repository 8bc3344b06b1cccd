"""`python -m replay.web.schema` prints what is frozen as `docs/schema/openapi.json`."""

import json
import sys

from replay.web.app import bare
from replay.web.openapi import described

if __name__ == "__main__":
    json.dump(described(bare()), sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")
