"""Where a visit begins: whose record is to be opened; a creator's own record at once."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from starlette.responses import RedirectResponse

from replay.picture.elements import node
from replay.web.access.gate import may
from replay.web.access.grants import GRANTS, Action
from replay.web.access.principals import Principal
from replay.web.page.overview import overview_page
from replay.web.page.shell import shown
from replay.web.page.words import language_of, word

router = APIRouter()


@router.get("/", name="home")
def home(
    request: Request, principal: Annotated[Principal, Depends(may(Action.READ_RULES))]
) -> Response:
    """Whose record it is about."""
    if principal.creator:
        return RedirectResponse(f"/creators/{quote(principal.creator, safe='')}", 303)
    if Action.READ_EVERYBODY in GRANTS[principal.role]:
        return overview_page(request, principal)
    language = language_of(request)
    title = word("home", language)
    main = node("main", "", node("h1", "", title), node("p", "second", word("home_note", language)))
    return shown(request, principal, title, main)
