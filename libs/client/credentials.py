"""What `modelyard sign-in` remembers: sessions by gateway address and account, in one file only its owner can read.

A refresh token is good for one use, so renewing happens under a lock: two commands at once would look like a thief. The first start's
owner is put here too, so that the machine that started the platform can use it.
"""

from __future__ import annotations

import fcntl
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from libs.client.failure import ApiError, Json
from libs.common import durable
from libs.common.settings import Settings

EARLY_MS = 120_000  # an access token with less time left is renewed before it is used
FIELDS = ("access_token", "refresh_token", "access_until")


@dataclass(frozen=True)
class FirstOwner:
    """Shown once."""

    account: str
    password: str


class Credentials:
    """The file of one home."""

    def __init__(self, home: Path) -> None:
        self.path = home / "credentials.json"

    def token(self, address: str, account: str = "") -> str:
        """An access token that is good for a while, "" when nobody (or not ``account``) is signed in there."""
        if not self.path.exists():
            return ""
        with self._changing() as known:
            place = known.get(address, {})
            name = account or place.get("current", "")
            found = place.get("accounts", {}).get(name)
            if found is None:
                return ""
            if int(found["access_until"]) - time.time_ns() // 1_000_000 < EARLY_MS:
                found = self._renewed(address, found)
                if found is None:
                    place["accounts"].pop(name)
                    return ""
                place["accounts"][name] = found
            return str(found["access_token"])

    def keep(self, address: str, account: str, opened: Json) -> None:
        """A session that was just opened; its account is the current one from now on."""
        with self._changing() as known:
            place = known.setdefault(address, {"current": "", "accounts": {}})
            place["current"] = account
            place["accounts"][account] = {name: opened[name] for name in FIELDS}

    def drop(self, address: str, account: str = "") -> None:
        """Forgets one account, the current one unless it is named."""
        with self._changing() as known:
            place = known.get(address, {"current": "", "accounts": {}})
            name = account or place["current"]
            place["accounts"].pop(name, None)
            if place["current"] == name:
                place["current"] = next(iter(place["accounts"]), "")

    @staticmethod
    def _renewed(address: str, found: dict[str, Any]) -> dict[str, Any] | None:
        """None when the session has ended. Raises ApiError when the gateway does not answer."""
        from libs.client.sdk import Modelyard

        try:
            with Modelyard(address, token="") as client:
                opened = client.renew(found["refresh_token"])
        except ApiError as error:
            if error.code == 401:
                return None
            raise
        return {name: opened[name] for name in FIELDS}

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Any]]:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.path.parent / ".credentials.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            try:
                before = self.path.read_text()
                known: dict[str, Any] = json.loads(before)
            except (OSError, ValueError):
                before, known = "", {}
            try:
                yield known
            finally:
                after = json.dumps(known, indent=1)
                if after != before and known:
                    durable.write_private(self.path, after.encode())


def first_start(settings: Settings, environ: Mapping[str, str] | None = None) -> FirstOwner | None:
    """What a platform needs before its processes start: its records as this version has them, and an owner.

    Whoever starts every process also migrates: on a server the services themselves only check. Makes the owner of a platform that has no
    users and signs them in on this machine; None when there are users already. The password is in what is answered and nowhere else.
    environ: of the processes that do it; default: as for every part. Raises RuntimeError with what the store or the identity service said.
    """
    if settings.database_url:
        _run(
            "the records could not be brought up to date; `modelyard doctor` looks at each store",
            "libs.client.cli",
            "migrate",
            environ=environ,
        )
    made = json.loads(_run("the first owner could not be made", "services.identity", "first", environ=environ).splitlines()[-1])
    if not made:
        return None
    Credentials(settings.home_path).keep(settings.gateway_address, made["account"], made)
    return FirstOwner(made["account"], made["password"])


def _run(failed: str, *module: str, environ: Mapping[str, str] | None) -> str:
    from libs.ops.supervisor import child_environ  # the first start needs it, a session does not

    command = [sys.executable, "-m", *module]
    done = subprocess.run(command, env=environ or child_environ(), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{failed}:\n{done.stderr.strip() or done.stdout.strip()}")
    return done.stdout.strip()
