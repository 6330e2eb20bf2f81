"""How a service tells its right-hand neighbour: with a ``Notice``, an RPC of it that is promised with an effect and called afterwards.

A notice has one name everywhere: its topic is the RPC, ``<service>.<Method>``. What it says is the request, and the key under which the
neighbour takes it once, however often it is delivered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from libs.common.context import system_context
from libs.common.errors import PlatformError, Reason
from libs.common.store.database import Transaction
from libs.common.store.outbox import Deliver

Payload = dict[str, Any]
Call = Callable[..., Any]


@dataclass(frozen=True)
class Notice:
    """service, method: the RPC. settled: refusals that mean that it is so already.

    former: the topic under which rows were written before notices had one name; reads: such a row's payload as one of today. Rows of then
    may still wait in a store that was away for long.
    """

    service: str
    method: str
    settled: tuple[Reason, ...] = ()
    former: str = ""
    reads: Callable[[Payload], Payload] | None = None

    @property
    def topic(self) -> str:
        return f"{self.service}.{self.method}"

    def tell(self, tx: Transaction, user_id: int, space_id: int, key: str, **facts: Any) -> None:
        """Promises the call in the transaction of the effect it tells of. user_id: for whom; key: one per thing to tell."""
        tx.publish(self.topic, promise(user_id, space_id, key, **facts))

    def deliver(self, call: Call) -> Deliver:
        def deliver(payload: Payload) -> None:
            told = payload if "facts" in payload or self.reads is None else self.reads(payload)
            try:
                ctx = system_context(told["user"], told["space"])
                call(ctx.keyed(told["key"]) if told["key"] else ctx, self.method, **told["facts"])
            except PlatformError as error:
                if error.reason not in self.settled:
                    raise

        return deliver


def promise(user_id: int, space_id: int, key: str, **facts: Any) -> Payload:
    """The payload of a notice."""
    return {"user": user_id, "space": space_id, "key": key, "facts": facts}


def former_end(domain: str) -> Callable[[Payload], Payload]:
    """Reads what train and eval used to write when a task had ended without success."""

    def reads(old: Payload) -> Payload:
        facts = {"id": old["model_version"], f"{domain}_task_id": old["task"], "cause": old["cause"]}
        return promise(old["user"], old["space"], f"{domain}-{old['task']}-ended", **facts)

    return reads


def deliveries(calls: Mapping[Notice, Call]) -> dict[str, Deliver]:
    """What a relay delivers: notices, each with the ``call`` of the neighbour it goes to."""
    return {topic: notice.deliver(call) for notice, call in calls.items() for topic in (notice.topic, notice.former) if topic}
