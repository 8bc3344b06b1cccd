"""Facts as lines of JSON: CloudEvents, with the time at which each was recorded."""

from collections.abc import Callable, Iterator
from itertools import starmap

import numpy as np
from history_parts.facts import KINDS, Columns, Rules

START = np.datetime64("2020-01-01T00:00:00")
DETECTED = ("platform_screening",) * 6 + ("user_complaint", "media_exposure", "other")
MEASURES = ('"video_self_only"', '"cart_item_removed"', '"warning"', '"live_cut"')
Data = Callable[[int, int, str], str]
"""(about, value, when it is so) -> what stands in `data`."""


def _writers(rules: Rules) -> dict[str, Data]:
    """How the numbers of each kind are said."""
    rulebook = "" if rules.name == "douyin-creator" else f'"rulebook":"{rules.name}",'
    categories = [
        f'"category":"{name}"' + (f',"severity":"{severity}"' if severity else "")
        for name, severity in rules.categories
    ]
    courses, lapses = rules.courses, rules.lapses

    def found(about: int, category: int, at: str) -> str:
        by = DETECTED[about % len(DETECTED)]
        measures = f',"measures":[{MEASURES[about % 4]}]' if about % 5 == 0 else ""
        return f'"violation":"v-{about}",{categories[category]},"detected_by":"{by}"{measures}'

    def recovered(about: int, value: int, at: str) -> str:
        return f'"period":"{np.datetime64(at[:7]) - 1}"'

    def granted(about: int, value: int, at: str) -> str:
        points = "" if value < 0 else f',"points":"{value / 100:g}"'
        return f'"violation":"v-{about}"{points}'

    def money(about: int, value: int, at: str) -> str:
        return f'"account":"fine","amount":"{value + 1}","currency":"CNY","reason":"paid"'

    named: Data = lambda about, value, at: f'"violation":"v-{about}"'  # noqa: E731
    mark: Data = lambda about, value, at: f'"violation":"v-{about}","mark":"{value}"'  # noqa: E731
    nothing: Data = lambda about, value, at: ""  # noqa: E731
    feature: Data = lambda about, value, at: f'"feature":"{lapses[value % len(lapses)]}"'  # noqa: E731
    imposed: Data = lambda about, value, at: '"measure":"funds_frozen","ground":"risk"'  # noqa: E731
    return dict.fromkeys(KINDS, named) | {
        "creator_enrolled": lambda about, value, at: (
            f'{rulebook}"level":{value},"reputation":"4.7"'
        ),
        "exam_right_claimed": nothing,
        "violation_found": found,
        "appeal_granted": granted,
        "exam_sat": mark,
        "fact_retracted": lambda about, value, at: f'"event":"e-{about}","reason":"in error"',
        "recovery_granted": recovered,
        "profile_changed": lambda about, value, at: f'"level":{value % 4 + 2}',
        "rules_exam_sat": lambda about, value, at: f'"mark":"{100 if value % 3 else 80}"',
        "exam_right_revoked": lambda about, value, at: '"ground":"abuse"',
        "measure_imposed": imposed,
        "measure_lifted": imposed,
        "money_posted": money,
        "occasion_held": lambda about, value, at: '"occasion":"race"',
        "course_taken": lambda about, value, at: f'"course":"{courses[value % len(courses)]}"',
        "day_qualified": nothing,
        "feature_opened": feature,
        "feature_used": feature,
    }


def lines(rules: Rules, facts: Columns) -> Iterator[bytes]:
    """One for each fact. Ids are those of one source for each creator."""
    writers = _writers(rules)
    said = [(kind, writers[kind]) for kind in KINDS]
    effective = np.datetime_as_string(START + facts["effective"].astype("m8[s]")).tolist()
    recorded = np.datetime_as_string(START + facts["recorded"].astype("m8[s]")).tolist()
    columns = (facts[name].tolist() for name in ("creator", "number", "kind", "about", "value"))

    def line(at: str, told: str, creator: int, number: int, kind: int, *rest: int) -> bytes:
        name, data = said[kind]
        return (
            f'{{"specversion":"1.0","id":"e-{number}","source":"urn:invented:c-{creator}",'
            f'"subject":"c-{creator}","time":"{at}Z","type":"{name}","recordedtime":"{told}Z",'
            f'"data":{{{data(*rest, at)}}}}}\n'
        ).encode()

    return starmap(line, zip(effective, recorded, *columns, strict=True))
