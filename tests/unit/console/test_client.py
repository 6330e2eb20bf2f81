"""The typed client is made of the gateway's document as it is now, and what builds the console names no registry."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

from gateway.document import whole_document

ROOT = Path(__file__).parents[3]
CONSOLE = ROOT / "console"


def test_the_typed_client_is_fresh() -> None:
    text = json.dumps(whole_document("en"), indent=1, sort_keys=True, ensure_ascii=False)
    kept = (CONSOLE / "src" / "api" / "schema.sha256").read_text().strip()
    assert hashlib.sha256(text.encode()).hexdigest() == kept, "run: make console-api"


def test_the_lock_names_versions_not_places() -> None:
    lock = (CONSOLE / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert "://" not in "".join(line for line in lock.splitlines() if '"url"' not in line)
    packages = json.loads(lock)["packages"]
    assert all("integrity" in package for path, package in packages.items() if path)


def test_versions_are_exact() -> None:
    wanted = json.loads((CONSOLE / "package.json").read_text())
    for name, version in {**wanted["dependencies"], **wanted["devDependencies"]}.items():
        assert version[0].isdigit(), name


def test_the_document_needs_no_platform(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "gateway.document"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    assert "/api/v1/models/{id}/status" in json.loads(done.stdout)["paths"]
