"""Signing in at a running platform: sessions, cookies, API keys, spaces, the audit trail, and that nothing else opens a door."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway import routes
from libs.client.sdk import ApiError, Modelyard
from tests.support.platform import Platform
from tests.support.until import until

ABSENT_ID = 0x0DEA_D0DE_AD0D_EAD0
OPEN = {
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/readyz/self"),
    ("GET", "/metrics"),
    ("GET", "/api/openapi.json"),
    ("GET", "/api/v1/auth/first"),
}
DOORS = {
    ("POST", "/api/v1/auth/sign-in"),
    ("POST", "/api/v1/auth/refresh"),
    ("POST", "/api/v1/auth/first"),
}  # they ask for another credential
OUTSIDE = {("GET", "/api/v1/auth/oidc/start"), ("GET", "/api/v1/auth/oidc/callback")}  # off: this platform names no provider


def http(platform: Platform, **headers: str) -> httpx.Client:
    return httpx.Client(base_url=platform.settings.gateway_address, headers=headers, trust_env=False)


def person(platform: Platform, account: str, role: str | None = "viewer", clearance: str = "PUBLIC") -> tuple[Modelyard, str, str]:
    """(signed in as a new user with a role in the first space, its user id, its password)."""
    with platform.client() as owner:
        made = owner.users.create(account)
        if role:
            owner.memberships.create(account, role, clearance)
        password = owner.users.issue_password(made["id"])
    client = Modelyard(platform.settings.gateway_address)
    client.sign_in(account, password)
    return client, made["id"], password


def test_without_a_credential_only_the_allow_list_answers(platform: Platform) -> None:
    with http(platform) as stranger:
        document = stranger.get("/api/openapi.json").json()
        walked = {(verb.upper(), path) for path, verbs in document["paths"].items() for verb in verbs}
        walked |= {(route.verb, "/api/v1" + route.path) for route in routes.ALL}
        assert {("POST", "/v1/chat/completions"), ("POST", "/v1/completions"), ("GET", "/v1/models/{model}")} <= walked
        walked |= OPEN
        assert len(walked) > 90
        hostile = [{}, {"authorization": "Bearer"}, {"authorization": "Basic YTpi"}, {"authorization": "Bearer mys_x"}]
        hostile += [{"authorization": "Bearer my_00000000_x"}, {"cookie": "modelyard_session=mys_x"}, {"x-modelyard-user": "1"}]
        for verb, path in sorted(walked):
            target = path
            for name in ("id", "model", "task_id", "model_id", "dataset_id", "project_id", "model_version_id", "dataset_version_id"):
                target = target.replace("{" + name + "}", str(ABSENT_ID))
            for headers in hostile:
                answer = stranger.request(verb, target, headers=headers, **({"json": {}} if verb not in ("GET", "DELETE") else {}))
                if (verb, path) in OPEN:
                    assert answer.status_code == 200, path
                elif (verb, path) in OUTSIDE:
                    assert (answer.status_code, answer.json()["error"]["field"]) == (404, "MODELYARD_OIDC_ISSUER"), path
                elif (verb, path) in DOORS:
                    assert answer.status_code == 400, (path, answer.text)
                else:
                    expected = (401, 403) if "cookie" in headers and verb not in ("GET",) else (401,)
                    assert answer.status_code in expected, (verb, path, headers, answer.status_code, answer.text)


def test_unknown_and_wrong_are_one_answer(platform: Platform) -> None:
    person(platform, "one-answer")[0].close()
    with http(platform) as stranger:
        said = []
        for account, password in (("one-answer", "wrong password"), ("nobody at all", "wrong password"), ("nobody", "x"), ("owner", "x")):
            answer = stranger.post("/api/v1/auth/sign-in", json={"account": account, "password": password})
            body = answer.json()["error"]
            body.pop("request_id")
            said.append((answer.status_code, json.dumps(body, sort_keys=True)))
    assert len(set(said)) == 1
    assert said[0][0] == 401
    assert json.loads(said[0][1])["reason"] == "SIGN_IN_FAILED"


def test_each_way_to_be_refused_says_what_to_do(platform: Platform) -> None:
    """A wrong password, no session, one that ended, and a wrong present password were one sentence: sign in first."""
    client, _, _ = person(platform, "told-apart")
    address = platform.settings.gateway_address
    calls = {
        "UNAUTHENTICATED": lambda: Modelyard(address).me(),
        "SIGN_IN_FAILED": lambda: Modelyard(address).sign_in("told-apart", "wrong"),
        "CREDENTIAL_ENDED": lambda: Modelyard(address, token="mys_" + "a" * 43).me(),
        "WRONG_PASSWORD": lambda: client.call("POST", "/auth/password", password="wrong", new_password="a" * 12),
    }
    said = {}
    for reason, call in calls.items():
        with pytest.raises(ApiError) as caught:
            call()
        assert (caught.value.code, caught.value.reason) == (401, reason)
        said[reason] = str(caught.value)
    assert len(set(said.values())) == len(calls)
    assert "modelyard sign-in" in said["UNAUTHENTICATED"]
    client.close()


def test_guessing_is_stopped_for_an_account_that_exists_and_for_one_that_does_not(platform: Platform) -> None:
    client, _, password = person(platform, "guessed")
    client.close()
    for account in ("guessed", "guessed-nobody"):
        with http(platform) as stranger:
            codes = []
            for n in range(12):
                stranger.headers["x-forwarded-for"] = f"203.0.113.{n}"  # who writes an address is not elsewhere
                codes.append(stranger.post("/api/v1/auth/sign-in", json={"account": account, "password": f"guess {n}"}).status_code)
            assert codes == [401] * 10 + [429] * 2
            assert stranger.post("/api/v1/auth/sign-in", json={"account": account, "password": password}).status_code == 429


def test_a_session_is_renewed_once_per_token_and_a_stolen_one_ends_it(platform: Platform) -> None:
    client, _, password = person(platform, "renewed")
    with client, Modelyard(platform.settings.gateway_address) as other:
        opened = other.sign_in("renewed", password)
        renewed = other.renew(opened["refresh_token"])
        assert renewed["access_token"] != opened["access_token"]
        with pytest.raises(ApiError) as caught:  # the old access token ended with the exchange
            Modelyard(platform.settings.gateway_address, token=opened["access_token"]).me()
        assert caught.value.code == 401
        assert other.me()["user"]["account"] == "renewed"
        with pytest.raises(ApiError) as caught:
            Modelyard(platform.settings.gateway_address).renew(opened["refresh_token"])
        assert caught.value.code == 401
        with pytest.raises(ApiError) as caught:  # used twice: whoever has the newer one is out too
            Modelyard(platform.settings.gateway_address).renew(renewed["refresh_token"])
        assert caught.value.code == 401
        assert client.me()["user"]["account"] == "renewed", "another session of the same user goes on"


def test_signing_out_ends_it_here_at_once(platform: Platform) -> None:
    client, _, _ = person(platform, "leaver")
    with client:
        assert client.sign_out() == {"ended": True}
        with pytest.raises(ApiError) as caught:
            client.me()
        assert caught.value.code == 401


def test_a_disabled_user_is_out(platform: Platform) -> None:
    client, id, password = person(platform, "disabled")
    with client, platform.client() as owner:
        owner.users.update(id, owner.users.get(id)["version"], disabled=True)
        for attempt in (lambda: client.sign_in("disabled", password), lambda: Modelyard(client.address).renew(client._refresh_token)):
            with pytest.raises(ApiError) as caught:
                attempt()
            assert caught.value.code == 401


def test_cookies_are_for_browsers_and_need_their_csrf_token(platform: Platform) -> None:
    client, _, password = person(platform, "browser", "developer")
    client.close()
    with http(platform) as browser:
        answer = browser.post("/api/v1/auth/sign-in", json={"account": "browser", "password": password, "cookie": True})
        assert {"access_token", "refresh_token"}.isdisjoint(answer.json())
        for cookie in answer.headers.get_list("set-cookie"):
            assert "httponly" in cookie.lower()
            assert "samesite=strict" in cookie.lower()
        csrf = answer.json()["csrf"]
        assert browser.get("/api/v1/auth/me").json()["csrf"] == csrf
        for headers in ({}, {"x-modelyard-csrf": ""}, {"x-modelyard-csrf": "0" * 64}):
            refused = browser.post("/api/v1/models", json={"name": "by cookie"}, headers=headers)
            assert (refused.status_code, refused.json()["error"]["field"]) == (403, "x-modelyard-csrf")
        headers = {"x-modelyard-csrf": csrf}
        assert browser.post("/api/v1/models", json={"name": "by cookie"}, headers=headers).status_code == 201
        renewed = browser.post("/api/v1/auth/refresh", json={}, headers=headers)
        assert renewed.status_code == 200
        headers = {"x-modelyard-csrf": renewed.json()["csrf"]}
        assert browser.post("/api/v1/auth/sign-out", json={}, headers=headers).json() == {"ended": True}
        assert browser.get("/api/v1/auth/me").status_code == 401


def test_an_api_key_acts_in_its_space_until_it_is_revoked(platform: Platform) -> None:
    client, _, _ = person(platform, "keyholder", "developer")
    with client, platform.client(space=2) as elsewhere:
        made = client.keys.create("laptop", 7)
        secret = made["secret"]
        assert secret.startswith(made["key"]["prefix"] + "_")
        assert all("hash" not in name for name in made["key"])
        assert [key["prefix"] for key in client.keys.list()] == [made["key"]["prefix"]]
        with Modelyard(client.address, token=secret) as keyed:
            assert keyed.models.create("by key")["name"] == "by key"
            online = keyed._http.get("/v1/models")
            assert online.status_code == 200
            assert "by key" not in [row["id"] for row in online.json()["data"]]  # a key opens this door too; nothing of it serves
            space = int(elsewhere.me()["project_space_id"])
        with Modelyard(client.address, token=secret, space=space) as keyed, pytest.raises(ApiError) as caught:
            keyed.me()
        assert (caught.value.code, caught.value.reason) == (404, "NOT_FOUND")
        client.keys.revoke(made["key"]["id"])
        with Modelyard(client.address, token=secret[:-1] + ("A" if secret[-1] != "A" else "B")) as forged, pytest.raises(ApiError):
            forged.me()

        def gone() -> bool:
            with Modelyard(client.address, token=secret) as keyed:
                try:
                    keyed.models.find("by key")
                except ApiError as error:
                    return error.code == 401
            return False

        until(gone, seconds=40)  # what the gateway may still believe


def test_a_key_never_administers_the_platform(platform: Platform) -> None:
    with platform.client() as owner:
        made = owner.keys.create("owner's")
        with Modelyard(owner.address, token=made["secret"]) as keyed, pytest.raises(ApiError) as caught:
            next(keyed.users.list())
        assert (caught.value.code, caught.value.reason) == (403, "FORBIDDEN")
        assert "administrator" in str(caught.value.limit)
        owner.keys.revoke(made["key"]["id"])


def test_a_space_of_others_is_not_there(platform: Platform) -> None:
    client, _, _ = person(platform, "outsider")
    with client, platform.client(space=2) as owner:
        theirs = int(owner.me()["project_space_id"])
        said = []
        for space in (theirs, ABSENT_ID):
            with Modelyard(client.address, token=bearer(client), space=space) as there, pytest.raises(ApiError) as caught:
                next(there.models.list())
            facts = {k: v for k, v in caught.value.facts.items() if k != "request_id"}
            said.append(json.dumps(facts, sort_keys=True).replace(str(space), "ID"))
        assert said[0] == said[1]
        assert '"code": 404' in said[0]


def bearer(client: Modelyard) -> str:
    return str(client._http.headers["authorization"]).removeprefix("Bearer ")


def test_what_people_did_is_in_the_audit_trail_and_stays(platform: Platform) -> None:
    client, id, _ = person(platform, "audited", "viewer")
    with client, platform.client() as owner:
        client._http.headers["x-forwarded-for"] = "203.0.113.9"  # anybody may write it: the row says where the connection came from
        with pytest.raises(ApiError) as caught:
            client.models.create("not mine to make")
        assert caught.value.code == 403
        model = owner.models.create("audited model")

        def rows(newest: int = 100) -> list[dict[str, Any]]:
            return [row for row, _ in zip(owner.users.audit(), range(newest), strict=False)]

        until(lambda: any(row.get("object") == f"project={model['id']}" for row in rows()), seconds=10)
        made = next(row for row in rows() if row.get("object") == f"project={model['id']}")
        assert (made["method"], made["outcome"], made["project_space_id"]) == ("model.CreateProject", 201, "1")
        assert made["credential"].startswith("session:")
        denied = next(row for row in rows() if row.get("user_id") == id and row["outcome"] == 403)
        assert (denied["method"], denied["address"]) == ("model.CreateProject", "127.0.0.1")
        assert denied["request_id"]
        with pytest.raises(ApiError) as caught:
            next(client.users.audit())
        assert caught.value.code == 403
        before = {row["id"]: row for row in rows()}
        for verb in ("POST", "PUT", "PATCH", "DELETE"):
            for path in ("/audit", f"/audit/{made['id']}", "/platform/audit"):
                with pytest.raises(ApiError) as caught:
                    owner.call(verb, path)
                assert caught.value.code in (404, 405)
        after = {row["id"]: row for row in rows(400)}  # others may have added some meanwhile
        assert all(after.get(id) == row for id, row in before.items())


def test_who_is_who_on_the_command_line(platform: Platform) -> None:
    me = json.loads(platform.run("whoami", "--json").stdout)
    assert (me["user"]["account"], me["roles"]) == ("owner", ["owner"])
    assert "default" in platform.run("space", "list").stdout
    password = json.loads(platform.run("user", "create", "cli-user", "--json").stdout)["password"]
    platform.run("space", "add", "cli-user", "--role", "operator")
    import subprocess
    import sys

    command = [sys.executable, "-m", "libs.client.cli"]
    environ = {**platform.environ, "MODELYARD_HOME": platform.environ["MODELYARD_HOME"] + "-cli-user"}
    address = ["--gateway", platform.settings.gateway_address]
    done = subprocess.run([*command, *address, "sign-in", "cli-user", "--password-stdin"], env=environ, input=password + "\n", text=True,
                          capture_output=True, check=False, timeout=60)  # fmt: skip
    assert done.returncode == 0, done.stderr
    shown = subprocess.run([*command, *address, "whoami", "--json"], env=environ, text=True, capture_output=True, check=True, timeout=60)
    assert json.loads(shown.stdout)["roles"] == ["operator"]
    out = subprocess.run([*command, *address, "sign-out"], env=environ, text=True, capture_output=True, check=True, timeout=60)
    assert out.stdout == "Signed out.\n"
    gone = subprocess.run([*command, *address, "whoami"], env=environ, text=True, capture_output=True, check=False, timeout=60)
    assert gone.returncode == 1
    assert "UNAUTHENTICATED" in gone.stderr


def test_no_password_is_kept_or_logged(platform: Platform) -> None:
    """Everything under the home, the databases and logs included, is searched for the password that was just used."""
    client, _, password = person(platform, "searched")
    client.close()
    home = platform.settings.home_path
    secrets = [password.encode(), bearer(client).encode()]
    files = [path for path in home.rglob("*") if path.is_file()]
    held = [path for path in files if any(secret in content(path) for secret in secrets)]
    assert len(files) > 20
    assert held == []


def content(path: Path) -> bytes:
    """Nothing of a file that was gone meanwhile: a batch of the trail that was sent, a state that was replaced."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
