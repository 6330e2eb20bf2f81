"""One service calls another over a real socket: under its own signed identity, and what happens while the other does not know its key."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

import idl
from libs.common.context import CallContext
from libs.common.coord.discovery import StaticDiscovery
from libs.common.errors import PlatformError, Reason
from libs.common.identity.keys import KeyFolder
from libs.common.identity.signed import Signer
from libs.common.rpc.door import Guard, Verb, answers, doors
from libs.common.rpc.peer import RpcPeer
from libs.common.rpc.server import RpcServer
from libs.common.settings import load
from services.model.domain.project import ModelProject
from tests.support.ports import free_port
from tests.support.stores import caller


def test_a_service_speaks_for_itself_and_a_key_that_is_late_drops_nothing(tmp_path: Path) -> None:
    seen: list[CallContext] = []

    def get_project(ctx: CallContext, *, id: int) -> ModelProject:
        seen.append(ctx)
        return ModelProject(id, "n", ctx.space_id, ctx.user_id)

    def never(ctx: CallContext, **_: Any) -> None:
        raise AssertionError("not for a service")

    theirs, ours = KeyFolder(tmp_path / "theirs"), KeyFolder(tmp_path / "ours")
    verbs = {**{name: Verb(never, ("x",)) for name in idl.methods("model")}, "GetProject": answers(get_project, "project")}
    port = free_port()
    server = RpcServer(idl.service("model"), doors("model", verbs, Guard("model", theirs)), port=port).start()
    peer = RpcPeer("model", StaticDiscovery(load({"MODELYARD_PEERS": f"model=127.0.0.1:{port}"})), "train-work", Signer(ours, "train"))
    try:
        with pytest.raises(PlatformError) as caught:
            peer.call(caller(7, 8), "GetProject", id=3)
        assert (caught.value.code, caught.value.reason, caught.value.retryable) == (503, Reason.UNAVAILABLE, True)
        (tmp_path / "theirs" / "public").mkdir(parents=True)
        shutil.copy(tmp_path / "ours" / "public" / "train.json", tmp_path / "theirs" / "public" / "train.json")
        assert peer.call(caller(7, 8), "GetProject", id=3).project.id == 3
        assert (seen[0].user_id, seen[0].space_id, seen[0].clearance) == (7, 8, 30)
        with pytest.raises(PlatformError) as caught:
            peer.call(caller(7, 8), "DeleteProject", id=3)
        assert (caught.value.code, caught.value.reason) == (403, Reason.FORBIDDEN)
    finally:
        peer.close()
        server.drain(1)
