"""Passwords in these tests cost next to nothing."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from services.identity.engine import secret

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
NOBODY = CHEAP.hash("of nobody")


@pytest.fixture(autouse=True)
def product_hasher(monkeypatch: pytest.MonkeyPatch) -> PasswordHasher:
    """The one it stands in for."""
    product = secret._hasher
    monkeypatch.setattr(secret, "_hasher", CHEAP)
    monkeypatch.setattr(secret, "_NOBODY", NOBODY)
    return product
