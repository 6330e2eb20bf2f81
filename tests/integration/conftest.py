"""Shared by the integration tests of one platform."""

from __future__ import annotations

import pytest

from libs.client.sdk import Json
from tests.support.chain import questions
from tests.support.platform import Platform


@pytest.fixture(scope="session")
def parts(platform: Platform) -> tuple[Json, Json]:
    """The train and the test version that every model here is made of."""
    with platform.client() as client:
        return questions(client, "questions")
