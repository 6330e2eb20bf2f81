"""What the settings of an OpenID provider must be before the gateway starts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from gateway.app import build
from gateway.openid import Provider
from libs.common.coord.discovery import StaticDiscovery
from libs.common.errors import PlatformError, Reason
from libs.common.settings import Settings

GOOD = {"oidc_issuer": "https://id.example", "oidc_client_id": "us", "oidc_redirect": "https://models.example"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"oidc_issuer": "http://id.example"}, "ISSUER"),
        ({"oidc_issuer": "id.example"}, "ISSUER"),
        ({"oidc_issuer": "https://"}, "ISSUER"),
        ({"oidc_issuer": "ftp://127.0.0.1"}, "ISSUER"),
        ({"oidc_issuer": "http://127.0.0.1.example"}, "ISSUER"),
        ({"oidc_issuer": "https://a:b@id.example"}, "ISSUER"),
        ({"oidc_issuer": "https://id.example/#here"}, "ISSUER"),
        ({"oidc_issuer": "https://id.example/?a=b"}, "ISSUER"),
        ({"oidc_issuer": "https://id.example:port"}, "ISSUER"),
        ({"oidc_issuer": "https://[id.example"}, "ISSUER"),
        ({"oidc_issuer": "https://id.example/" + "a" * 200}, "ISSUER"),
        ({"oidc_client_id": ""}, "CLIENT_ID"),
        ({"oidc_redirect": "http://models.example"}, "REDIRECT"),
        ({"oidc_redirect": "models.example"}, "REDIRECT"),
    ],
)
def test_an_unsafe_setting_refuses_start_and_is_named(change: dict[str, Any], field: str, tmp_path: Path) -> None:
    settings = replace(Settings(home=str(tmp_path)), **{**GOOD, **change})
    with pytest.raises(PlatformError) as caught:
        build(settings, StaticDiscovery(settings))
    assert (caught.value.reason, caught.value.field) == (Reason.INVALID_SETTING, f"MODELYARD_OIDC_{field}")


@pytest.mark.parametrize("change", [{}, {"oidc_issuer": "http://127.0.0.1:9"}, {"oidc_issuer": "http://localhost"}, {"oidc_redirect": ""}])
def test_https_or_loopback_is_good(change: dict[str, Any], tmp_path: Path) -> None:
    provider = Provider(replace(Settings(home=str(tmp_path)), **{**GOOD, **change}))
    assert provider.redirect == (change.get("oidc_redirect", "https://models.example") or "http://127.0.0.1:8080")


def test_without_an_issuer_both_routes_name_the_setting(tmp_path: Path) -> None:
    settings = Settings(home=str(tmp_path))
    client = TestClient(build(settings, StaticDiscovery(settings)))
    for path in ("start", "callback"):
        answer = client.get(f"/api/v1/auth/oidc/{path}")
        assert (answer.status_code, answer.json()["error"]["field"]) == (404, "MODELYARD_OIDC_ISSUER")


def test_the_secret_is_in_no_representation() -> None:
    assert "s3cret" not in repr(Settings(oidc_client_secret="s3cret"))
