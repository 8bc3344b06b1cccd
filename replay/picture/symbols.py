"""Shapes: nothing is told by colour alone, so each kind of fact has one of its own."""

from xml.etree.ElementTree import Element

from ledger.facts import types as f
from replay.picture.elements import node

GROUPS: dict[str, tuple[type[f.Fact], ...]] = {
    "violations": (f.ViolationFound,),
    "exams": (
        f.ExamRightClaimed,
        f.ExamRightRevoked,
        f.ExamInvited,
        f.ExamStudied,
        f.ExamSat,
        f.ExamAbandoned,
    ),
    "appeals": (f.AppealLodged, f.AppealGranted, f.AppealDenied),
    "recoveries": (f.RecoveryGranted, f.RulesExamSat, f.CourseTaken, f.DayQualified),
    "others": (),
}
"""The lanes of facts, and which types lie in each; all others lie in the last one."""
SHAPES: dict[type[f.Fact], str] = {
    f.ViolationFound: "violation",
    f.AppealLodged: "lodged",
    f.AppealGranted: "granted",
    f.AppealDenied: "denied",
    **dict.fromkeys(GROUPS["recoveries"], "recovery"),
}
"""Of exams: `passed`, `failed`, or `step` for what comes before them; of the rest `other`."""
DRAWN = {
    "violation": ("lossf", "M-5.5,-4.5H5.5L0,5.5Z"),
    "passed": ("gainf", "M-5,0a5,5 0 1,0 10,0a5,5 0 1,0 -10,0Z"),
    "failed": ("hole", "M-4.3,0a4.3,4.3 0 1,0 8.6,0a4.3,4.3 0 1,0 -8.6,0Z"),
    "step": ("thin", "M0,-4.5V4.5"),
    "granted": ("gainf", "M0,-6L6,0L0,6L-6,0Z"),
    "denied": ("hole", "M0,-5.4L5.4,0L0,5.4L-5.4,0ZM-2.2,-2.2L2.2,2.2M2.2,-2.2L-2.2,2.2"),
    "lodged": ("hole", "M0,-5.4L5.4,0L0,5.4L-5.4,0Z"),
    "recovery": ("gainf", "M-4.5,4H4.5L0,-4.5Z"),
    "other": ("inkf", "M-3.5,-3.5H3.5V3.5H-3.5Z"),
}
"""By shape: how it is filled, and its outline around 0,0."""


def definitions() -> Element:
    """Each shape, and the hatching of what was lifted, once for all drawings of a document."""
    line = node("path", "hatching", d="M0,0V5")
    hatch = node("pattern", "", line, id="hatch", width=5, height=5)
    hatch.set("patternUnits", "userSpaceOnUse")
    hatch.set("patternTransform", "rotate(45)")
    shapes = (node("path", f"mark {kind}", id=name, d=d) for name, (kind, d) in DRAWN.items())
    return node("defs", "", hatch, *shapes)


def use(shape: str, x: float, y: float) -> Element:
    return node("use", "", href=f"#{shape}", x=x, y=y)


def cross(x: float, y: float) -> Element:
    """What strikes a mark out."""
    return node("path", "cross", d=f"M{x - 8:.1f},{y + 5:.1f}L{x + 8:.1f},{y - 5:.1f}")
