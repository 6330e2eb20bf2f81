"""Calls between services go only to the right: gateway → app → deploy → eval → train → {model, dataset}. Import contracts keep their code
apart; this keeps their calls in order."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from idl import manifest

ROOT = Path(__file__).parents[2]
RIGHT_OF = {service.name: set(service.calls) for service in manifest.SERVICES}


@pytest.mark.parametrize("service", sorted(RIGHT_OF))
def test_a_service_calls_only_services_to_its_right(service: str) -> None:
    text = "\n".join(path.read_text() for path in (ROOT / "services" / service).rglob("*.py"))
    called = set(re.findall(r"""\.peer\(\s*["'](\w+)["']""", text))
    assert called <= RIGHT_OF[service]
    assert bool(called) == bool(RIGHT_OF[service]), "the pattern no longer finds the calls"


def test_calls_go_one_way() -> None:
    """Whom a service may call may never, over any way round, call it back."""
    for service in RIGHT_OF:
        reached, rest = set(), set(RIGHT_OF[service])
        while rest:
            reached |= rest
            rest = set().union(*(RIGHT_OF[name] for name in rest)) - reached
        assert service not in reached


def test_all_services_are_known() -> None:
    assert {path.parent.name for path in (ROOT / "services").glob("*/service*") if not path.name.endswith(".pyc")} == set(RIGHT_OF)
