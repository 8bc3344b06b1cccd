"""Other programs read what was exported; run by the Python of the peers, prints JSON.

peer.py json SCHEMA FILE [lines]: what a JSON Schema says against the file, or against each line.
peer.py xsd SCHEMA FILE: what an XML Schema says against it.
peer.py xes FILE, peer.py ocel FILE: what pm4py reads in it.
"""

import json
import sys
import warnings
from pathlib import Path
from typing import Any

warnings.simplefilter("ignore")


def by_json_schema(schema: str, file: str, *lines: str) -> list[str]:
    import jsonschema

    validator_of = jsonschema.validators.validator_for
    said = json.loads(Path(schema).read_text("utf-8"))
    validator = validator_of(said)(said, format_checker=jsonschema.FormatChecker())
    text = Path(file).read_text("utf-8")
    documents = [json.loads(line) for line in (text.splitlines() if lines else [text])]
    return [error.message for one in documents for error in validator.iter_errors(one)]


def by_xml_schema(schema: str, file: str) -> list[str]:
    from lxml import etree

    xsd = etree.XMLSchema(etree.parse(schema))
    xsd.validate(etree.parse(file))
    return [str(error) for error in xsd.error_log]


def read_xes(file: str) -> list[dict[str, Any]]:
    import pm4py

    frame = pm4py.read_xes(file, return_legacy_log_object=False)
    wanted = ["case:concept:name", "concept:name", "time:timestamp", "outcome", "score"]
    rows = frame[wanted].astype({"time:timestamp": str})
    return json.loads(rows.to_json(orient="records"))


def read_ocel(file: str) -> dict[str, Any]:
    import pm4py

    log = pm4py.read_ocel2_json(file)
    return {
        "events": log.events["ocel:activity"].value_counts().to_dict(),
        "objects": log.objects["ocel:type"].value_counts().to_dict(),
        "relations": rows(log.relations, "ocel:eid", "ocel:oid", "ocel:qualifier"),
        "between_objects": rows(log.o2o, "ocel:oid", "ocel:oid_2", "ocel:qualifier"),
    }


def rows(frame: Any, *columns: str) -> list[list[Any]]:
    return frame[list(columns)].to_numpy().tolist()


WAYS = {"json": by_json_schema, "xsd": by_xml_schema, "xes": read_xes, "ocel": read_ocel}

if __name__ == "__main__":
    answer = WAYS[sys.argv[1]](*sys.argv[2:])
    Path("answer.json").write_text(json.dumps(answer), encoding="utf-8")
