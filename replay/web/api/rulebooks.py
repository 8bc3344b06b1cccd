"""The rules: which there are, figure by figure, as prose, and from version to version."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from replay.web.access.gate import may
from replay.web.access.grants import Action
from replay.web.api.answers import part
from replay.web.api.asked import MARKDOWN, Place, Size, ask, ask_text

router = APIRouter(tags=["rulebooks"])
READ = [Depends(may(Action.READ_RULES))]
NAMED = {
    "max_length": 130,
    "pattern": r"^[0-9A-Za-z_-]{1,64}(@[0-9A-Za-z_.-]{1,64})?$",
    "description": "`name@version`, or the newest version of `name`.",
}
Label = Annotated[str, Path(**NAMED)]


@router.get("/rulebooks", name="rulebooks", dependencies=READ)
def rulebooks(request: Request, after: Place = 0, limit: Size = 100) -> Response:
    """Every version of every rulebook, drafts too."""
    return ask(request, lambda ledger: part("rulebooks", ledger.rulebooks(), after, limit))


@router.get("/rulebooks/{label}", name="rulebook", dependencies=READ)
def rulebook(request: Request, label: Label) -> Response:
    """Every figure of one version with its clause and source."""
    return ask(request, lambda ledger: ledger.rulebook(label))


@router.get(
    "/rulebooks/{label}/prose",
    name="prose",
    dependencies=READ,
    response_class=Response,
    responses=MARKDOWN,
)
def prose(request: Request, label: Label, lang: Literal["en", "zh"] = "en") -> Response:
    """The rules as prose, as Markdown, with what is worth another look."""
    return ask_text(request, lambda ledger: ledger.prose(label, lang), "text/markdown")


@router.get("/rulebooks/{label}/diff", name="rulebook_diff", dependencies=READ)
def diff(request: Request, label: Label, new: Annotated[str, Query(**NAMED)]) -> Response:
    """Each figure in which two versions differ, with its citation on both sides."""
    return ask(request, lambda ledger: ledger.rulebook_diff(label, new))


@router.get("/rulebooks/{label}/history", name="rulebook_history", dependencies=READ)
def history(
    request: Request,
    label: Annotated[str, Path(max_length=64, pattern=r"^[0-9A-Za-z_-]{1,64}$")],
    since: Annotated[date | None, Query(description="What was in force from then on.")] = None,
) -> Response:
    """The versions of a name: what changed when, in force when, pinned and adopted when."""
    return ask(request, lambda ledger: ledger.rulebook_history(label, since))
