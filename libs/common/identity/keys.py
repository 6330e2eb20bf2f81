"""The platform's signing keys: one Ed25519 key per process kind that signs (gateway, each service), its public half readable by all.

``<keys>/private/<name>.json`` is one private JWK, 0600, made at first start by whoever comes first; ``<keys>/public/<name>.json`` is a JWK
set: during a rotation it holds the old and the new key, and both are accepted by their ``kid``. On Kubernetes both folders are mounted
Secrets and nothing is written. A private key that others could read, or of another kind, refuses start.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from idl.rights import SERVICES
from libs.common import durable
from libs.common.errors import PlatformError, Reason

ISSUERS = SERVICES  # who may sign


class KeyFolder:
    """The keys under one folder. ``private`` makes a missing key; ``public`` only reads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._public: dict[str, tuple[tuple[int, int], dict[str, OKPKey]]] = {}

    def private(self, issuer: str) -> OKPKey:
        """This process's own key, made when it is not there yet. Raises INVALID_SETTING for one that is unsafe or of a wrong kind."""
        path = self.folder / "private" / f"{issuer}.json"
        if not path.exists():
            self._make(issuer, path)
        return _read_private(path, issuer)

    def public(self, issuer: str, kid: str) -> OKPKey | None:
        """The public key an issuer signs with under ``kid``; None when there is none. Reads the file again when it was replaced."""
        if issuer not in ISSUERS:
            return None
        path = self.folder / "public" / f"{issuer}.json"
        try:
            facts = path.stat()
            seen = (facts.st_mtime_ns, facts.st_ino)
            if self._public.get(issuer, ((0, 0), {}))[0] != seen:
                self._public[issuer] = seen, _read_public(path)
        except (OSError, ValueError):
            return None
        return self._public[issuer][1].get(kid)

    def rotate(self, issuer: str) -> str:
        """Makes a new private key beside whose public half the older ones stay valid. Returns its kid. Restart the issuer to use it."""
        with self._locked():
            key = _generated(issuer)
            self._publish(issuer, key)
            _write(self.folder / "private" / f"{issuer}.json", json.dumps(key.as_dict(private=True)), 0o600)
            return str(key.kid)

    def forget(self, issuer: str) -> None:
        """Takes every public key but the current one away: what was signed with an older key is refused from now on."""
        with self._locked():
            key = _read_private(self.folder / "private" / f"{issuer}.json", issuer)
            _write(self.folder / "public" / f"{issuer}.json", json.dumps({"keys": [key.as_dict(private=False)]}), 0o644)

    def _make(self, issuer: str, path: Path) -> None:
        try:
            with self._locked():
                if path.exists():  # somebody came first
                    return
                key = _generated(issuer)
                # The public half first: a private key that is there can be believed by everybody.
                self._publish(issuer, key)
                _write(path, json.dumps(key.as_dict(private=True)), 0o600)
        except OSError as error:
            raise _unusable(path, f"a private key, or a folder in which one can be made ({error.strerror})") from None

    def _publish(self, issuer: str, key: OKPKey) -> None:
        path = self.folder / "public" / f"{issuer}.json"
        known = list(_read_public(path).values()) if path.exists() else []
        keys = [each.as_dict(private=False) for each in (*known, key)]
        _write(path, json.dumps({"keys": keys}), 0o644)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        for folder, mode in ((self.folder, 0o755), (self.folder / "private", 0o700), (self.folder / "public", 0o755)):
            folder.mkdir(parents=True, exist_ok=True, mode=mode)
        with (self.folder / ".lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield


def _generated(issuer: str) -> OKPKey:
    key = OKPKey.generate_key("Ed25519", private=True)
    return OKPKey.import_key({**key.as_dict(private=True), "kid": f"{issuer}.{key.thumbprint()[:16]}"})


def _read_private(path: Path, issuer: str) -> OKPKey:
    try:
        facts = path.stat()
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        raise _unusable(path, "a readable private key") from None
    # A mounted Secret belongs to root and is read through the group; a file of ours is for us alone.
    forbidden = 0o077 if facts.st_uid == os.geteuid() else 0o037
    if facts.st_mode & forbidden:
        raise _unusable(path, "a file that nobody else can read (chmod 600)")
    if not _is_ed25519(found) or "d" not in found or not str(found.get("kid", "")).startswith(f"{issuer}."):
        raise _unusable(path, f"an Ed25519 private key whose kid begins with '{issuer}.'")
    try:
        return OKPKey.import_key(found)
    except (JoseError, ValueError):
        raise _unusable(path, "an Ed25519 private key") from None


def _read_public(path: Path) -> dict[str, OKPKey]:
    """kid -> key. Whatever is not an Ed25519 key is not taken. Raises ValueError, OSError."""
    found: dict[str, Any] = json.loads(path.read_text())
    keys = [each for each in found.get("keys", []) if _is_ed25519(each) and each.get("kid")]
    return {str(each["kid"]): OKPKey.import_key({name: each[name] for name in ("kty", "crv", "x", "kid")}) for each in keys}


def _is_ed25519(found: Any) -> bool:
    return isinstance(found, dict) and (found.get("kty"), found.get("crv")) == ("OKP", "Ed25519")


def _write(path: Path, text: str, mode: int) -> None:
    durable.write_private(path, text.encode(), mode)


def _unusable(path: Path, limit: str) -> PlatformError:
    return PlatformError(500, Reason.INVALID_SETTING, field=f"MODELYARD_KEYS: {path.name}", limit=limit)
