"""Who asks addresses: what a user names passes one guard, and whatever else leaves a process goes where the platform itself decided."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

from gateway import routes
from gateway.clients import request_struct
from libs.common.rpc.wire import spec_fields

ROOT = Path(__file__).parents[2]
WORDS = ("address", "url", "link", "webhook", "host", "endpoint", "callback")

ASKED = {"eval.CreateTask.target_address": "services/eval/service/evaluations.py"}
"""Fields of a public request whose address the platform asks, and who shows it to the guard (libs/common/outside.py)."""

KEPT = {
    "dataset.CreateDataset.file_url",
    *(f"model.{method}Project.{field}" for method in ("Create", "Update") for field in ("code_repo_url", "metrics_url")),
}
"""Notes to other people: stored, shown as text, asked by nobody."""

LEAVES = {
    "gateway/relay.py": "serving processes, as deploy names them",
    "gateway/openid.py": "the provider of the setting",
    "services/deploy/node/node.py": "processes this node started",
    "services/deploy/engine/smoke.py": "an instance deploy started",
    "services/deploy/worker/figures.py": "instances deploy started",
    "services/eval/engine/endpoint.py": "the target, at the address the guard looked at",
    "services/app/engine/writer.py": "serving processes, as deploy names them",
    "services/dataset/engine/links.py": "links of imports, at the address the guard looked at",
    "libs/ops/supervisor.py": "the parts it started",
    "libs/ops/doctor.py": "collector and parts of the settings",
}
CLIENTS = {"httpx", "urllib.request", "http.client", "requests", "aiohttp", "urllib3"}


def public_addresses() -> set[str]:
    return {
        f"{route.domain}.{route.method}.{name}"
        for route in routes.ALL
        for name, kind, _ in spec_fields(request_struct(route.domain, route.method))
        if kind == 11 and any(word in name.split("_") for word in WORDS)
    }


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_every_address_that_people_may_name_is_guarded_or_only_kept() -> None:
    assert public_addresses() == {*ASKED, *KEPT}
    for source in ASKED.values():
        assert "outside.check(" in (ROOT / source).read_text(encoding="utf-8")


def test_nobody_else_can_ask_an_address() -> None:
    able: dict[str, Any] = {}
    for room in ("libs", "services", "gateway"):
        for path in sorted((ROOT / room).rglob("*.py")):
            name = str(path.relative_to(ROOT))
            if not name.startswith("libs/client/") and CLIENTS & imported(path):  # the SDK is the caller's own program
                able[name] = sorted(CLIENTS & imported(path))
    assert set(able) == set(LEAVES)
    assert "self._outside.pin(" in (ROOT / "services/eval/engine/endpoint.py").read_text(encoding="utf-8")
    assert "self._guard.pin(" in (ROOT / "services/dataset/engine/links.py").read_text(encoding="utf-8")
