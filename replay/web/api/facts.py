"""Facts in, and facts found."""

import hashlib
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Header, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from ledger.errors import ConflictError, InputError
from projections.standing.writing import json_line
from replay.library import Ledger
from replay.library.ledger import read_fact
from replay.web.access.approvals import Approvals
from replay.web.access.gate import may
from replay.web.access.grants import Action
from replay.web.access.keys import Keys
from replay.web.access.principals import Principal, authorize
from replay.web.access.problems import StaleError, problem
from replay.web.api.asked import EVERYBODY, PROBLEM, Place, Size, Time, Word, Words, ask
from replay.web.following import RULES

router = APIRouter(tags=["facts"])
SINGLE, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"
PLAIN = "application/json"
MOST = 10_000
"""Facts of one request, which are one transaction."""
TAKEN_BACK = "fact_retracted"
"""As RULES about everybody, where it is of a rulebook: two administrators'."""
BODIES: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            SINGLE: {"schema": {"type": "object"}},
            BATCH: {"schema": {"type": "array", "items": {"type": "object"}}},
        },
    }
}


RECEIPTS = {PLAIN: {"schema": {"type": "object", "required": ["receipts"]}}}
KNOWN_ALREADY: dict[int | str, dict[str, Any]] = {
    200: {"description": "All was there already", "content": RECEIPTS},
    202: {
        "description": "An adoption, or its retraction, waits until another administrator sends it",
        "content": RECEIPTS,
    },
    409: {
        "description": "A source and id were taken by another content, the others are recorded;"
        " or, as a problem, a request with this key is being answered",
        "content": RECEIPTS | PROBLEM["content"],
    },
}


@router.post(
    "/facts", name="record", status_code=201, openapi_extra=BODIES, responses=KNOWN_ALREADY
)
async def record(
    request: Request,
    principal: Annotated[Principal, Depends(may(Action.RECORD))],
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=255)] = None,
    if_match: Annotated[
        str | None,
        Header(max_length=32, description='The version of the creator\'s stream, as `"12"`.'),
    ] = None,
) -> Response:
    """Record one CloudEvent, or a batch of them, in one transaction.

    201: something new was recorded; 200: all was there already; 409: a source and id were taken by
    another content, the others are recorded; 202: nothing is recorded yet, since what is about the
    rules is sent by two administrators, the same by each, within a week.

    With `If-Match` only at that version: else 412. The same `Idempotency-Key` with the same body
    gets the same answer, for a day.
    """
    body = await request.body()
    media = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if media not in (SINGLE, BATCH, PLAIN):
        said = f"found {media[:60]!r}; wanted {SINGLE} or {BATCH}"
        return problem(415, said, request.state.request_id)
    given = (body, media.encode(), (if_match or "").encode())
    keys: Keys = request.app.state.keys

    def recorded() -> tuple[int, bytes]:
        events = _events(body)
        with request.app.state.ledgers.borrow() as ledger:
            if _about_rules(events, ledger) and not _wanted(request, events, principal):
                return 202, json_line({"receipts": []}).encode()
            return _recorded(ledger, events, if_match)

    def answered() -> Response:
        if idempotency_key is None:
            status, said = recorded()
        else:
            digest = hashlib.sha256(b"\0".join(given)).digest()
            status, said = keys.once(principal.token, idempotency_key, digest, recorded)
        return Response(said, status, media_type=PLAIN)

    receipts = await run_in_threadpool(answered)
    if request.app.state.standings is not None:
        await request.app.state.following.look()  # who records may read it
    return receipts


def _recorded(
    ledger: Ledger, events: list[Mapping[str, Any]], if_match: str | None
) -> tuple[int, bytes]:
    expected = None if if_match is None else _version(if_match)
    try:
        receipts = ledger.append(events, expected_version=expected)
    except ConflictError as error:
        if expected is None:
            raise
        raise StaleError(str(error)) from None
    statuses = {receipt["status"] for receipt in receipts}
    status = 409 if "conflict" in statuses else 201 if "recorded" in statuses else 200
    return status, json_line({"receipts": receipts}).encode()


def _about_rules(events: list[Mapping[str, Any]], ledger: Ledger) -> bool:
    """Raises InputError where other facts stand beside one."""
    found = [each for each in events if each.get("type") == RULES]
    if back := [each for each in events if each.get("type") == TAKEN_BACK]:
        names = {each["name"] for each in ledger.rulebooks()}
        found += [each for each in back if each.get("subject") in names]
    if found and len(events) > 1:
        raise InputError("a fact about the rules is sent alone")
    return bool(found)


def _wanted(request: Request, events: list[Mapping[str, Any]], principal: Principal) -> bool:
    """Whether two administrators want it; one is enough where there are no tokens."""
    authorize(principal, Action.ADMINISTER)
    approvals: Approvals | None = request.app.state.approvals
    if approvals is None:
        return True
    read_fact(events[0], 1)  # nobody is asked to approve what can't be recorded
    said = json_line(dict(sorted(events[0].items())))
    return approvals.approved(hashlib.sha256(said.encode()).digest(), said, principal)


def _events(body: bytes) -> list[Mapping[str, Any]]:
    try:
        read = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"the body is no JSON: {error}") from None
    events = read if isinstance(read, list) else [read]
    if not events or len(events) > MOST:
        raise InputError(f"found {len(events)} facts; wanted 1 to {MOST}")
    for number, event in enumerate(events, 1):
        if not isinstance(event, dict):
            raise InputError(f"fact {number} is no object")
    return events


def _version(tag: str) -> int:
    number = tag.strip().removeprefix('"').removesuffix('"')
    if not (number.isascii() and number.isdigit() and len(number) < 16):
        raise InputError(f'If-Match: found {tag[:20]!r}; wanted a version, as "12"')
    return int(number)


@router.get("/facts", name="search", dependencies=EVERYBODY)
def search(  # noqa: PLR0913, PLR0917  each is a condition by itself
    request: Request,
    type: Words = [],  # noqa: B006  FastAPI copies it
    creator: Word = "",
    source: Word = "",
    violation: Word = "",
    batch: Word = "",
    clause: Word = "",
    since: Time = None,
    until: Time = None,
    recorded_since: Time = None,
    recorded_until: Time = None,
    data: Annotated[
        list[str],
        Query(max_length=20, description="A field of the fact, or an attribute: `category=spam`."),
    ] = [],  # noqa: B006
    after: Place = 0,
    limit: Size = 100,
) -> Response:
    """Facts by what is in them, in the order of the log; `next` says after which to go on."""
    fields = {}
    for each in data:
        key, equals, value = each.partition("=")
        if not (key and equals):
            raise InputError(f"data: found {each[:60]!r}; wanted a field and its value, as a=b")
        fields[key] = value

    def found(ledger: Ledger) -> object:
        return ledger.search(
            types=type,
            creator=creator,
            source=source,
            violation=violation,
            batch=batch,
            clause=clause,
            since=since,
            until=until,
            recorded_since=recorded_since,
            recorded_until=recorded_until,
            data=fields,
            after=after,
            limit=limit,
        )

    return ask(request, found)
