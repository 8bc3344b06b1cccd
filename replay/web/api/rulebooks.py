"""The rules: which there are, figure by figure, and as prose."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Request, Response

from replay.web.access.gate import may
from replay.web.access.grants import Action
from replay.web.api.asked import MARKDOWN, ask
from replay.web.ledgers import Ledgers

router = APIRouter(tags=["rulebooks"])
READ = [Depends(may(Action.READ_RULES))]
Label = Annotated[
    str,
    Path(
        max_length=130,
        pattern=r"^[0-9A-Za-z_-]{1,64}(@[0-9A-Za-z_.-]{1,64})?$",
        description="`name@version`, or the newest version of `name`.",
    ),
]


@router.get("/rulebooks", name="rulebooks", dependencies=READ)
def rulebooks(request: Request) -> Response:
    """Every version of every rulebook, drafts too."""
    return ask(request, lambda ledger: {"rulebooks": ledger.rulebooks()})


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
    ledgers: Ledgers = request.app.state.ledgers
    with ledgers.borrow() as ledger:
        return Response(ledger.prose(label, lang), media_type="text/markdown")
