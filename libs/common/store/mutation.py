"""Once per key: a verb that changes something answers a repeated call with the stored answer instead of doing it again.

``@mutation`` goes on a service method ``verb(self, ctx, **facts) -> Answer`` whose transaction ends in ``tx.done(answer)``. The answer is
stored in the transaction of the effect, so there is no moment in which one exists without the other; two calls at once with one key
meet at the store's write lock or at the primary key of the stored answer, and the loser reads the winner's. A transaction the store undid
for another one's sake (deadlock, lock wait) is begun again here, as a whole, TRIES times in all.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol, TypeVar, get_type_hints

import msgspec
import sqlalchemy as sa

from libs.common import fault
from libs.common.context import CallContext
from libs.common.errors import PlatformError, Reason
from libs.common.store.database import Contended, Database


class HasDatabase(Protocol):
    db: Database


TRIES = 3
F = TypeVar("F", bound=Callable[..., Any])


def mutation(verb: F) -> F:
    """Makes ``verb`` idempotent per (space, method, key). The same key with other facts, or from somebody else, is refused with 409
    IDEMPOTENCY_KEY_REUSED: nobody is given another person's answer."""
    name = verb.__name__

    @functools.wraps(verb)
    def once(self: HasDatabase, ctx: CallContext, /, **facts: Any) -> Any:
        ctx = replace(ctx, method=name)
        if ctx.idempotency_key is None:
            return _tried(verb, self, ctx, facts)
        request_hash = _hash(ctx, facts)
        stored = _stored(self.db, ctx, request_hash, verb)
        if stored is not None:
            return stored[0]
        try:
            answer = _tried(verb, self, replace(ctx, request_hash=request_hash), facts)
        except (sa.exc.IntegrityError, PlatformError):
            # Perhaps the same call took effect meanwhile, and what it changed is why this one failed (a name taken, a version gone).
            stored = _stored(self.db, ctx, request_hash, verb)
            if stored is None:
                raise
            return stored[0]
        fault.point("mutation.after_commit_before_answer")
        return answer

    once.is_mutation = True  # type: ignore[attr-defined]
    return once  # type: ignore[return-value]


def _tried(verb: Callable[..., Any], self: HasDatabase, ctx: CallContext, facts: dict[str, Any]) -> Any:
    for left in reversed(range(TRIES)):
        try:
            return verb(self, ctx, **facts)
        except Contended:
            if not left or ctx.deadline.expired:
                raise
    raise AssertionError("unreachable")


def _hash(ctx: CallContext, facts: dict[str, Any]) -> str:
    return hashlib.sha256(msgspec.json.encode([ctx.user_id, facts], order="sorted")).hexdigest()


def _stored(db: Database, ctx: CallContext, request_hash: str, verb: Callable[..., Any]) -> tuple[Any] | None:
    table = db.table("stored_answer")
    query = sa.select(table.c.request_hash, table.c.answer).where(
        table.c.idempotency_key == ctx.idempotency_key, table.c.project_space_id == ctx.space_id, table.c.method == ctx.method
    )
    with db.read() as conn:
        row = conn.execute(query).first()
    if row is None:
        return None
    if row.request_hash != request_hash:
        raise PlatformError(409, Reason.IDEMPOTENCY_KEY_REUSED, field="idempotency_key", limit="one request per key")
    return (msgspec.json.decode(row.answer, type=get_type_hints(verb)["return"]),)
