"""The first view is small: what the page names, and what it imports before the home page shows, gzipped."""

from __future__ import annotations

import gzip
import re

import pytest

from tests import needs

LIMIT = 400_000
STATIC = needs.CONSOLE.parent


def size(name: str) -> int:
    return len(gzip.compress((STATIC / name).read_bytes(), 6))


def closure(name: str, seen: set[str]) -> set[str]:
    """A script and all it imports at once; what comes with ``import()`` comes later."""
    if name not in seen:
        seen.add(name)
        text = (STATIC / name).read_text()
        for found in re.findall(r'(?:from|import)\s*"\./([\w.-]+\.js)"', text):
            closure(f"assets/{found}", seen)
    return seen


def test_the_first_view_is_small() -> None:
    if not needs.CONSOLE.exists():
        assert not needs.in_ci(), "the console was not built"
        pytest.skip("needs the built console (make console)")
    page = needs.CONSOLE.read_text()
    named = set(re.findall(r'(?:src|href)="/(assets/[^"]+)"', page))
    home = next(path.name for path in (STATIC / "assets").glob("Home-*.js"))
    files: set[str] = {name for name in named if not name.endswith(".js")}
    for script in [*(name for name in named if name.endswith(".js")), f"assets/{home}"]:
        closure(script, files)
    total = sum(size(name) for name in files)
    assert 100_000 < total <= LIMIT, f"{total} bytes in {sorted(files)}"
    assert not any("draw-" in name for name in files), "charts come later"
