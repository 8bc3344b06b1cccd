"""Golden bytes of every fact type, kept for ever: a file once written is never written again.

`--add-missing` makes a file for each type and layout version that has none yet. Existing files are
compared, never changed: bytes that differ mean a new version and an upcaster, not a new golden.
"""

import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from ledger.facts import codec
from ledger.facts.cloudevents import encode, from_mapping
from ledger.facts.envelope import Envelope
from ledger.facts.plans import PLANS
from ledger.facts.types import TYPE_NAME

GOLDEN = Path(__file__).parents[1] / "tests" / "golden" / "codec"
PLACE = {"position": 7, "version": 3}
RECORDED = "2024-07-03T02:00:00.000001Z"

# one value for each field name; where a name has another meaning in a type, the type says so
VALUES: dict[str, Any] = {
    "rulebook": "douyin-creator",
    "level": 4,
    "reputation": "4.65",
    "violation": "v-1",
    "category": "misleading",
    "detected_by": "user_complaint",
    "severity": "severe",
    "points": "1.5",
    "ground": "minor",
    "law_breach": True,
    "measures": ["warning", "cart_item_removed"],
    "batch": "b-1",
    "item": "post-1",
    "offended_at": "2024-06-30T23:00:00+08:00",
    "mark": 100,
    "period": "2024-06",
    "measure": "campaigns_restricted",
    "until": "2024-08-01T00:00:00+08:00",
    "account": "deposit",
    "amount": "-2000.05",
    "currency": "CNY",
    "reason": "记错了 twice",
    "event": "e-0",
    "occasion": "race",
    "course": "online",
    "feature": "membership",
    "version": "2025-01",
    "hash": "0123456789abcdef" * 4,
    "decided_by": "review team 3",
    "automated_detection": True,
    "automated_decision": "partially",
    "territory": ["DE", "150"],
    "legal_ground": "电子商务法 第十七条",
    "told_at": "2024-07-01T12:30:00+08:00",
    "circumstances": "The video says 100% silk; 检测为涤纶。",
}
OTHER = {
    ("exam_right_revoked", "ground"): "bad_faith",
    ("measure_imposed", "ground"): "media",
    ("measure_lifted", "ground"): "other",
    ("money_posted", "reason"): "released",
}


def samples(name: str) -> dict[str, Envelope]:
    """A fact with all its fields, and one with none that it can do without."""
    plan = PLANS[name]
    full = {field: OTHER.get((name, field), VALUES[field]) for field in plan.fields}
    bare = {field: value for field, value in full.items() if field in plan.required}
    kinds = {"bare": bare} if full == bare else {"full": full, "bare": bare}
    return {kind: envelope(name, kind, data) for kind, data in kinds.items()}


def envelope(name: str, kind: str, data: dict[str, Any]) -> Envelope:
    event = {
        "type": name,
        "source": "https://platform.example",
        "id": f"e-{name}",
        "subject": "c-1",
    }
    event |= {"time": "2024-07-01T10:00:00+08:00", "recordedtime": RECORDED, "data": data}
    if kind == "full":
        event |= {
            "traceparent": "00-0af7651916cd43dd8448eb211c80319c",
            "shard": 3,
            "replayed": False,
        }
    said = from_mapping(event, file="golden", line_no=1, trust_recorded_times=True)
    assert isinstance(said, Envelope), said
    return said


def golden(said: Envelope) -> str:
    placed = msgspec.structs.replace(said, **PLACE)
    record = {
        "cloudevent": json.loads(encode(said)),
        "place": PLACE,
        "bytes": codec.encode(placed).hex(),
    }
    return json.dumps(record, ensure_ascii=False, indent=1) + "\n"


def main(arguments: list[str]) -> int:
    missing, differing = [], []
    for name in TYPE_NAME.values():
        for kind, said in samples(name).items():
            path = GOLDEN / f"v{codec.VERSION}" / f"{name}.{kind}.json"
            if not path.exists():
                missing.append(path)
                if arguments == ["--add-missing"]:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_text(golden(said), encoding="utf-8")
            elif msgspec.json.decode(path.read_bytes()) != msgspec.json.decode(golden(said)):
                differing.append(path)
    for path in differing:
        print(f"{path} differs: a golden file is never changed, raise the layout version instead")
    for path in missing:
        print(f"{path} {'written' if arguments == ['--add-missing'] else 'is missing'}")
    return 1 if differing or (missing and arguments != ["--add-missing"]) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
