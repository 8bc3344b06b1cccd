"""What is asked of one creator."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from replay.web.access.gate import may
from replay.web.access.grants import Action
from replay.web.api.answers import answer
from replay.web.ledgers import Ledgers

router = APIRouter(prefix="/creators", tags=["creators"])
Time = Annotated[str | None, Query(max_length=64)]
READ = [Depends(may(Action.READ_CREATOR))]


@router.get("/{creator:path}/standing", name="standing", dependencies=READ)
def standing(request: Request, creator: str, as_of: Time = None, known_at: Time = None) -> Response:
    """Where a creator stands as of an instant, as known at one; both default to now."""
    ledgers: Ledgers = request.app.state.ledgers
    with ledgers.borrow() as ledger:
        return answer(request, ledger.standing(creator, as_of=as_of, known_at=known_at))
