"""The signed identity: what is believed, and that nothing else is. Every claim and every header field is changed in every way."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import OctKey, OKPKey, RSAKey

from libs.common.errors import PlatformError, Reason
from libs.common.identity.keys import ISSUERS, KeyFolder
from libs.common.identity.signed import LEEWAY_SECONDS, SECONDS, Identity, Signer, Verifier

NOW = 1_800_000_000.0


class World:
    """Keys of everybody, and a verifier in the model service."""

    def __init__(self, folder: Path) -> None:
        self.now = NOW
        self.keys = KeyFolder(folder)
        self.gateway = Signer(self.keys, "gateway", lambda: self.now)
        self.train = Signer(self.keys, "train", lambda: self.now)
        self.model = Verifier(self.keys, "model", lambda: self.now)

    def forged(self, header: dict[str, Any] | None = None, key: Any = None, issuer: str = "gateway", **claims: Any) -> str:
        """A token as the issuer would sign it, but for what is given; None takes a claim or header field away."""
        private = self.keys.private(issuer)
        facts: dict[str, Any] = {
            "iss": issuer,
            "aud": "modelyard" if issuer == "gateway" else "model",
            "sub": "7",
            "iat": int(self.now),
            "exp": int(self.now) + SECONDS,
            "kind": "user" if issuer == "gateway" else "service",
            "space": 8,
            "roles": ["viewer"],
            "clearance": 10,
            "adm": False,
            **claims,
        }
        head = {"alg": "Ed25519", "kid": str(private.kid), "typ": "JWT", **(header or {})}
        kept = json.dumps({name: value for name, value in facts.items() if value is not None}).encode()
        shown = {name: value for name, value in head.items() if value is not None}
        signed = jws.JWSRegistry(algorithms=[str(shown.get("alg", "Ed25519")), "Ed25519"], strict_check_header=False)
        return jws.serialize_compact({"alg": "Ed25519", **shown}, kept, key or private, registry=signed)

    def refused(self, token: str | None) -> str:
        with pytest.raises(PlatformError) as caught:
            self.model.verify(token)
        assert (caught.value.code, caught.value.reason, caught.value.field) == (401, Reason.UNAUTHENTICATED, "base.auth")
        return str(caught.value.limit)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def raw(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def test_who_signs_is_who_is_believed(world: World) -> None:
    found = world.model.verify(world.gateway.user(7, 8, frozenset({"viewer", "rater"}), 20, True))
    assert found == Identity("user", "gateway", 7, 8, frozenset({"viewer", "rater"}), 20, True)
    served = world.model.verify(world.train.service("model", 7, 8, 30))
    assert served == Identity("service", "train", 7, 8, frozenset(), 30)
    assert world.model.verify(world.forged()) == Identity("user", "gateway", 7, 8, frozenset({"viewer"}), 10)


def test_it_expires_also_where_it_was_believed_before(world: World) -> None:
    token = world.gateway.user(7, 8, frozenset(), 0)
    world.model.verify(token)
    world.now += SECONDS + LEEWAY_SECONDS - 1
    world.model.verify(token)
    world.now += 1
    assert "expired" in world.refused(token)
    assert "expired" in world.refused(token)
    assert world.gateway.user(7, 8, frozenset(), 0) != token


WRONG_CLAIMS = [
    *[(name, None) for name in ("iss", "aud", "sub", "iat", "exp", "kind", "space", "roles", "clearance", "adm")],
    *[("iss", value) for value in ("train", "model", "", 7)],
    *[("aud", value) for value in ("model", "train", "other", "", ["modelyard"], ["modelyard", "model"])],
    *[("sub", value) for value in ("-1", "x", "", "9" * 20, 7, "٣")],
    *[("iat", value) for value in (int(NOW) + 3600, str(int(NOW)), -1)],
    *[("exp", value) for value in (int(NOW) - 3600, int(NOW) + 10 * SECONDS, 1 << 62, str(int(NOW) + 9), -1)],
    *[("kind", value) for value in ("service", "root", "")],
    *[("space", value) for value in (-1, 1 << 63, "8", 8.5, True)],
    *[("roles", value) for value in ("owner", [1], {"owner": 1})],
    *[("clearance", value) for value in ("30", [30])],
    *[("adm", value) for value in ("false", 1, "")],
    ("extra", "claim"),
    ("nbf", int(NOW)),
]


@pytest.mark.parametrize(("claim", "value"), WRONG_CLAIMS, ids=lambda value: repr(value)[:30])
def test_a_claim_that_is_not_as_written_is_refused(world: World, claim: str, value: Any) -> None:
    """Signed by the gateway's own key, so it is the claims alone that decide."""
    world.refused(world.forged(**{claim: value}))


WRONG_HEADERS = [
    {"alg": "EdDSA"},
    {"typ": "JWS"},
    {"typ": None},
    {"kid": None},
    {"kid": "gateway.unknown"},
    {"kid": "../private/gateway.x"},
    {"kid": "nobody.x"},
    {"kid": ""},
    {"crit": ["exp"]},
    {"jku": "http://127.0.0.1/keys"},
    {"cty": "JWT"},
    {"x": 1},
]


@pytest.mark.parametrize("header", WRONG_HEADERS, ids=str)
def test_a_header_that_is_not_as_written_is_refused(world: World, header: dict[str, Any]) -> None:
    token = world.forged()
    shown = {"alg": "Ed25519", "kid": str(world.keys.private("gateway").kid), "typ": "JWT", **header}
    head = raw({name: value for name, value in shown.items() if value is not None})
    signature = token.split(".")[2]
    world.refused(f"{head}.{token.split('.')[1]}.{signature}")


def test_no_signature_and_foreign_algorithms_are_refused(world: World) -> None:
    token, kid = world.forged(), str(world.keys.private("gateway").kid)
    payload = token.split(".")[1]
    for alg in ("none", "None", "NONE", "nOnE", "HS256", "RS256", "ES256", "", None):
        head = raw({"alg": alg, "kid": kid, "typ": "JWT"})
        for signature in ("", "AA", token.split(".")[2]):
            world.refused(f"{head}.{payload}.{signature}")
    # The public key, which everybody may read, as the secret of an HMAC.
    published = (world.keys.folder / "public" / "gateway.json").read_bytes()
    for secret in (published, json.dumps(json.loads(published)["keys"][0]).encode(), json.loads(published)["keys"][0]["x"].encode()):
        made = jws.serialize_compact({"alg": "HS256", "kid": kid, "typ": "JWT"}, b"{}", OctKey.import_key(secret), algorithms=["HS256"])
        world.refused(made)
        world.refused(f"{made.split('.')[0]}.{payload}.{made.split('.')[2]}")


def test_another_key_under_our_name_is_refused(world: World) -> None:
    stranger = OKPKey.generate_key("Ed25519")
    world.refused(world.forged(key=stranger))
    assert "known key" in world.refused(world.forged(header={"kid": "gateway.stranger"}, key=stranger))


def test_a_service_signs_only_for_itself(world: World) -> None:
    """Its own key is genuine, what it says is not its to say."""
    world.refused(world.forged(issuer="train", kind="user", aud="modelyard"))
    world.refused(world.forged(issuer="train", kind="user"))
    world.refused(world.forged(issuer="train", iss="gateway"))
    world.refused(world.forged(issuer="train", iss="deploy"))
    world.refused(world.forged(issuer="train", aud="deploy"))
    world.refused(world.train.service("dataset", 7, 8, 30))
    gateways = world.forged(issuer="gateway", kind="service", aud="model")
    assert world.model.verify(gateways).issuer == "gateway"


def test_every_changed_character_is_noticed(world: World) -> None:
    token = world.forged()
    world.model.verify(token)
    for place in range(0, len(token), 3):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        with pytest.raises(PlatformError) as caught:
            world.model.verify(changed)
        assert caught.value.code == 401
    for broken in (None, "", ".", "..", "a.b.c", token[:-4], token + "A", token + ".x", token.replace(".", ""), "é" * 9, "a" * 9000, "{}"):
        world.refused(broken)


# --- keys


def test_keys_are_made_once_and_are_for_their_owner_alone(tmp_path: Path) -> None:
    for issuer in ISSUERS:
        first, second = KeyFolder(tmp_path).private(issuer), KeyFolder(tmp_path).private(issuer)
        assert first.as_dict(private=True) == second.as_dict(private=True)
        assert (tmp_path / "private" / f"{issuer}.json").stat().st_mode & 0o777 == 0o600
        assert "d" not in json.loads((tmp_path / "public" / f"{issuer}.json").read_text())["keys"][0]
    assert (tmp_path / "private").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620, 0o602, 0o610])
def test_a_private_key_others_can_touch_refuses_start(tmp_path: Path, mode: int) -> None:
    KeyFolder(tmp_path).private("model")
    (tmp_path / "private" / "model.json").chmod(mode)
    refuses(tmp_path, "model")


def test_a_key_of_another_kind_or_name_refuses_start(tmp_path: Path) -> None:
    keys = KeyFolder(tmp_path)
    keys.private("model")
    path, good = tmp_path / "private" / "model.json", json.loads((tmp_path / "private" / "model.json").read_text())
    keys.private("gateway")
    wrong = [
        "nonsense",
        "[]",
        "{}",
        json.dumps({**good, "kid": "gateway.x"}),
        json.dumps({name: value for name, value in good.items() if name != "d"}),
        json.dumps({name: value for name, value in good.items() if name != "kid"}),
        json.dumps({**good, "crv": "Ed448"}),
        json.dumps({**good, "d": "AA"}),
        json.dumps({**RSAKey.generate_key(2048).as_dict(private=True), "kid": "model.x"}),
        json.dumps({**OctKey.generate_key(256).as_dict(private=True), "kid": "model.x"}),
        (tmp_path / "private" / "gateway.json").read_text(),
    ]
    for text in wrong:
        path.write_text(text)
        refuses(tmp_path, "model")


def refuses(folder: Path, issuer: str) -> None:
    with pytest.raises(PlatformError) as caught:
        KeyFolder(folder).private(issuer)
    assert (caught.value.reason, caught.value.field) == (Reason.INVALID_SETTING, f"MODELYARD_KEYS: {issuer}.json")


def test_a_rotated_key_lets_the_old_tokens_live_until_it_is_forgotten(world: World) -> None:
    old = world.gateway.user(7, 8, frozenset(), 0)
    assert world.keys.rotate("gateway") != old
    renewed = Signer(world.keys, "gateway", lambda: world.now).user(7, 8, frozenset(), 0)
    assert renewed != old
    assert world.model.verify(old) == world.model.verify(renewed)
    world.keys.forget("gateway")
    fresh = Verifier(world.keys, "model", lambda: world.now)
    assert fresh.verify(renewed)
    with pytest.raises(PlatformError):
        fresh.verify(old)


def test_many_who_start_at_once_have_one_key(tmp_path: Path) -> None:
    children = []
    for _ in range(6):
        pid = os.fork()
        if pid == 0:
            KeyFolder(tmp_path).private("train")
            os._exit(0)
        children.append(pid)
    assert [os.waitpid(pid, 0)[1] for pid in children] == [0] * 6
    assert len(json.loads((tmp_path / "public" / "train.json").read_text())["keys"]) == 1
