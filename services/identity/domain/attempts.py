"""How many sign-ins may fail: per account and per address, counted before a password is looked at, so guessing at once gains nothing."""

from __future__ import annotations

WINDOW_MS = 300_000
PER_ACCOUNT = 10
PER_ADDRESS = 100


def keys(account: str, address: str) -> dict[str, int]:
    """counter -> attempts allowed within a window. An unknown account is counted like any other."""
    return {f"account:{account}"[:128]: PER_ACCOUNT, **({f"address:{address}"[:128]: PER_ADDRESS} if address else {})}
