"""A generated Apache Thrift client of another language calls every service: framed, binary, Chinese text, 64-bit ids."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

import idl
from libs.common.errors import Reason
from tests import needs
from tests.support.platform import Platform


def test_a_generated_node_client_calls_every_service(platform: Platform, tmp_path: Path) -> None:
    lacking = needs.node_client()
    if lacking:
        assert not needs.in_ci(), lacking
        pytest.skip(f"needs {lacking}")
    for name in idl.FILES:
        subprocess.run(["thrift", "-gen", "js:node,es6", "-out", str(tmp_path), str(idl.FOLDER / f"{name}.thrift")], check=True)
    ports = {name: platform.settings.thrift_port(name) for name in idl.DOMAINS}
    client = Path(__file__).parent / "node" / "client.js"
    done = subprocess.run(
        ["node", str(client), str(tmp_path), platform.settings.host, json.dumps(ports), platform.base("model", "GetProject").auth],
        env={**os.environ, "NODE_PATH": str(needs.NODE_FOLDER / "node_modules")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert {name: found["name"] for name, found in seen.items()} == {name: name for name in idl.DOMAINS}
    assert int(seen["model"]["id"], 16) > 1 << 53
    assert (seen["model"]["foreign"]["code"], seen["model"]["foreign"]["reason"]) == (404, int(Reason.NOT_FOUND))
    assert seen["model"]["empty"] == {"code": 400, "reason": int(Reason.TOO_SMALL), "field": "name"}
    assert seen["dataset"]["same"]
    assert seen["dataset"]["enum"]["reason"] == int(Reason.UNKNOWN_ENUM)
