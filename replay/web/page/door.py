"""In and out: a token is shown once, and the browser is known for some hours."""

from urllib.parse import parse_qs, quote

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from replay.picture.elements import add, node
from replay.web.access.gate import COOKIE, LONGEST
from replay.web.access.principals import UnknownError
from replay.web.access.tokens import SECOND, SESSION, Tokens
from replay.web.page.shell import shown
from replay.web.page.words import language_of, word

router = APIRouter()
FORM = 10_000
"""Bytes of the form."""


@router.get("/login", name="login_form")
def login_form(request: Request) -> Response:
    """The form; where there are no tokens nobody needs it."""
    if request.app.state.tokens is None:
        return RedirectResponse("/", 303)
    return _form(request, "", 200)


def _form(request: Request, wrong: str, status: int) -> Response:
    language = language_of(request)
    form = node("form", "door", method="post", action=f"/login?next={quote(_next(request))}")
    if wrong:
        add(form, node("p", "stopped", wrong, role="alert"))
    token = node("input", "", id="token", name="token", type="password", autocomplete="off")
    purpose = node("input", "", id="purpose", name="purpose", maxlength=LONGEST)
    token.set("required", "required")
    for field in (token, purpose):
        label = node(
            "label", "", word(field.get("id", ""), language), **{"for": field.get("id", "")}
        )
        add(form, label, field)
    add(form, node("p", "sub", word("purpose_note", language)))
    add(form, node("button", "", word("sign_in", language)))
    title = word("sign_in", language)
    return shown(request, None, title, node("main", "", node("h1", "", title), form), status=status)


@router.post("/login", name="login")
async def login(request: Request) -> Response:
    """Show a token, say why; a cookie comes back."""
    tokens: Tokens | None = request.app.state.tokens
    if tokens is None:
        return RedirectResponse("/", 303)
    body = (await request.body())[:FORM].decode("utf-8", "replace")
    fields = parse_qs(body, max_num_fields=10)
    shown_token = fields.get("token", [""])[0].strip()
    purpose = fields.get("purpose", [""])[0].strip()[:LONGEST]
    try:
        secret = tokens.open_session(shown_token, purpose)
    except UnknownError as error:
        return _form(request, str(error), 401)
    response = RedirectResponse(_next(request), 303)
    response.set_cookie(
        COOKIE, secret, max_age=SESSION // SECOND, path="/", secure=True, httponly=True,
        samesite="lax",
    )  # fmt: skip
    return response


@router.post("/logout", name="logout")
def logout(request: Request) -> Response:
    """Forget this browser."""
    tokens: Tokens | None = request.app.state.tokens
    if tokens is not None and (secret := request.cookies.get(COOKIE)):
        tokens.close_session(secret)
    response = RedirectResponse("/login", 303)
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    return response


def _next(request: Request) -> str:
    """Where to go on: a path of ours, and nothing else."""
    wanted = request.query_params.get("next", "/")
    ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    return wanted if ours and wanted.isprintable() else "/"
