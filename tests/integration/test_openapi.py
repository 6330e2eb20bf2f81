"""Whatever a caller sends that fits the OpenAPI document, or breaks it on purpose, is answered as the document says: never a 5xx."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance
from starlette.testclient import TestClient

from gateway.app import build
from libs.common.coord.discovery import StaticDiscovery
from libs.common.settings import Settings
from tests.support.platform import Platform

CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance, status_code_conformance]
EXAMPLES = 25  # per operation and mode
STREAMS = r"/(live|changes)$"  # a stream of events ends with its task, or never


def operations() -> list[Any]:
    """Every operation of the document; the gateway gives it without any service behind it."""
    document = TestClient(build(Settings(), StaticDiscovery(Settings()))).get("/api/openapi.json").json()
    schema = schemathesis.openapi.from_dict(document).exclude(path_regex=STREAMS)
    return [found.ok() for found in schema.get_all_operations()]


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.label)
def test_an_operation_answers_as_its_document_says(operation: Any, mode: GenerationMode, platform: Platform) -> None:
    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None)
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case: Any) -> None:
        case.call_and_validate(base_url=platform.settings.gateway_address, checks=CHECKS, timeout=30)

    check()
