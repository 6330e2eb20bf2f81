"""Signing in through an OpenID provider: the whole flow against a real provider, a real gateway and the platform's identity service, and
every attack on it that we know; none opens a session."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx
import pytest
from joserfc import jws

from gateway.app import build
from libs.common.coord.discovery import StaticDiscovery
from tests.support import openid_provider
from tests.support.openid_provider import CLIENT, SECRET, Provider, made_key, told
from tests.support.platform import Platform
from tests.support.ports import free_port
from tests.support.served import served
from tests.support.until import until

FLAVOURS = ("embedded",)  # which store the identity service has changes nothing here
START, CALLBACK = "/api/v1/auth/oidc/start", "/api/v1/auth/oidc/callback"
SESSION = "modelyard_session"


@dataclass
class Place:
    """A gateway of our own before the platform's identity service, and the provider it believes."""

    provider: Provider
    gateway: Any
    platform: Platform
    address: str

    def browser(self, address: str = "", cookies: dict[str, str] | None = None) -> httpx.Client:
        return httpx.Client(base_url=address or self.address, cookies=cookies, trust_env=False)

    @contextmanager
    def another(self) -> Iterator[str]:
        """The address of a second gateway with the same settings and keys."""
        settings, port = self.gateway.gateway.settings, free_port()
        with served(build(settings, StaticDiscovery(settings)), port):
            yield f"http://127.0.0.1:{port}"

    def forget(self) -> None:
        """What the gateway knows about its provider."""
        self.gateway.gateway.openid._provider._known.clear()

    def away(self, browser: httpx.Client) -> str:
        """The address the browser is sent to."""
        answer = browser.get(START)
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    def back(self, browser: httpx.Client) -> dict[str, str]:
        """The parameters the browser comes back with."""
        answer = httpx.get(self.away(browser), trust_env=False)
        assert answer.status_code == 302, answer.text
        assert answer.headers["location"].startswith(self.address + CALLBACK + "?")
        return dict(parse_qsl(urlsplit(answer.headers["location"]).query))

    def link(self, account: str, subject: str) -> dict[str, Any]:
        with self.platform.client() as owner:
            made = owner.users.create(account, issuer=self.provider.address, subject=subject)
            owner.memberships.create(account, "viewer", "PUBLIC")
        return made


@pytest.fixture(scope="module")
def running(platform: Platform) -> Iterator[Place]:
    port = free_port()
    with openid_provider.running() as provider:
        settings = replace(
            platform.settings,
            oidc_issuer=provider.address,
            oidc_client_id=CLIENT,
            oidc_client_secret=SECRET,
            oidc_redirect=f"http://127.0.0.1:{port}",
        )
        app = build(settings, StaticDiscovery(settings))
        with served(app, port):
            found = Place(provider, app, platform, f"http://127.0.0.1:{port}")
            found.link("openid-somebody", "somebody")
            yield found


@pytest.fixture
def place(running: Place) -> Place:
    """The provider behaves, and the gateway has no memory of one that did not."""
    fresh = Provider(address=running.provider.address)
    for each in fields(Provider):
        setattr(running.provider, each.name, getattr(fresh, each.name))
    running.forget()
    return running


def call(browser: httpx.Client, back: dict[str, str] | list[tuple[str, str]]) -> httpx.Response:
    return browser.get(f"{CALLBACK}?{urlencode(back)}")


def refused(browser: httpx.Client, answer: httpx.Response, code: int = 401, field: str | None = None) -> None:
    """Nothing was opened: no cookie, no token, nobody signed in."""
    assert answer.status_code == code, answer.text
    assert field is None or answer.json()["error"]["field"] == field, answer.text
    assert SESSION not in answer.headers.get("set-cookie", "")
    assert "mys_" not in answer.text
    assert browser.get("/api/v1/auth/me").status_code == 401


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_somebody_an_administrator_linked_signs_in(place: Place, algorithm: str) -> None:
    place.provider.algorithm = algorithm
    browser = place.browser()
    away = parse_qs(urlsplit(place.away(browser)).query)
    assert away["code_challenge_method"] == ["S256"]
    assert len({away["state"][0], away["nonce"][0], away["code_challenge"][0]}) == 3
    cookie = browser.get(START).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/api/v1/auth/oidc" in cookie
    answer = call(browser, place.back(browser))
    assert answer.status_code == 200, answer.text
    assert {"access_token", "refresh_token"}.isdisjoint(answer.json())
    for line in answer.headers.get_list("set-cookie"):
        assert "httponly" in line.lower()
        assert "samesite=strict" in line.lower() or line.startswith("modelyard_oidc=")
    me = browser.get("/api/v1/auth/me").json()
    assert (me["user"]["account"], me["roles"], me["csrf"]) == ("openid-somebody", ["viewer"], answer.json()["csrf"])
    verifier = place.provider.said[-1]["code_verifier"]
    assert 43 <= len(verifier) <= 128
    assert verifier not in cookie
    assert browser.post("/api/v1/auth/sign-out", json={}, headers={"x-modelyard-csrf": me["csrf"]}).json() == {"ended": True}


def test_a_person_lands_in_the_console_signed_in(place: Place) -> None:
    browser = place.browser()
    answer = browser.get(f"{CALLBACK}?{urlencode(place.back(browser))}", headers={"accept": "text/html,*/*"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert browser.get("/api/v1/auth/me").json()["user"]["account"] == "openid-somebody"


def test_a_provider_that_wants_the_secret_in_the_body_gets_it_there(place: Place) -> None:
    place.provider.document = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    browser = place.browser()
    assert call(browser, place.back(browser)).status_code == 200
    assert place.provider.said[-1]["client_secret"] == SECRET


def test_another_gateway_finishes_what_one_began(place: Place) -> None:
    browser = place.browser()
    back = place.back(browser)
    with place.another() as address:
        assert call(place.browser(address, dict(browser.cookies)), back).status_code == 200


def test_new_keys_of_the_provider_are_fetched_once(place: Place) -> None:
    browser = place.browser()
    assert call(browser, place.back(browser)).status_code == 200
    assert place.provider.seen["/keys"] == 1
    place.provider.keys = {name: made_key(name) for name in place.provider.keys}
    for _ in range(2):
        browser = place.browser()
        assert call(browser, place.back(browser)).status_code == 200
        assert place.provider.seen["/keys"] == 2
    assert place.provider.seen["/.well-known/openid-configuration"] == 1


def test_who_is_not_linked_stays_out_like_who_is_disabled(place: Place) -> None:
    made = place.link("openid-disabled", "disabled one")
    with place.platform.client() as owner:
        owner.users.update(made["id"], owner.users.get(made["id"])["version"], disabled=True)
    said = set()
    for subject in ("a stranger", "disabled one", "Somebody", "somebody "):
        place.provider.subject = subject
        browser = place.browser()
        answer = call(browser, place.back(browser))
        refused(browser, answer)
        body = answer.json()["error"]
        said.add(json.dumps({name: body[name] for name in body if name != "request_id"}, sort_keys=True))
    assert len(said) == 1
    with place.platform.client() as owner:  # the same subject of another issuer is somebody else
        owner.users.create("openid-other", issuer="https://other.example", subject="of another issuer")
    place.provider.subject = "of another issuer"
    browser = place.browser()
    refused(browser, call(browser, place.back(browser)))


def test_an_administrator_links_on_the_command_line(place: Place) -> None:
    linked = ("--issuer", place.provider.address, "--subject", "from the command line")
    made = json.loads(place.platform.run("user", "create", "openid-typed", *linked, "--json").stdout)
    assert "password" not in made
    place.provider.subject = "from the command line"
    browser = place.browser()
    assert call(browser, place.back(browser)).json()["user"]["account"] == "openid-typed"
    halves = ("--subject", "only half")
    assert place.platform.run("user", "create", "openid-half", *halves, check=False).returncode == 1


def test_every_try_is_in_the_audit_trail(place: Place) -> None:
    browser = place.browser()
    assert call(browser, place.back(browser)).status_code == 200
    place.provider.subject = "a stranger in the trail"
    browser = place.browser()
    refused(browser, call(browser, place.back(browser)))
    with place.platform.client() as owner:

        def rows() -> set[tuple[str, int]]:
            found = owner.call("GET", "/platform/audit", query={"limit": 200})["events"]
            return {(row["object"], row["outcome"]) for row in found if row["method"] == "identity.SignInOutside"}

        until(lambda: {("subject=somebody", 200), ("subject=a stranger in the trail", 401)} <= rows(), seconds=20)


# --- what comes back through the browser


def test_a_callback_without_its_cookie_opens_nothing(place: Place) -> None:
    browser, other = place.browser(), place.browser()
    refused(other, call(other, place.back(browser)), field="cookie")
    assert place.provider.seen["/token"] == 0


def test_the_answer_of_another_browser_opens_nothing(place: Place) -> None:
    """Somebody signs in as themselves and hands the last address to their victim."""
    attacker, victim = place.browser(), place.browser()
    back = place.back(attacker)
    place.away(victim)
    refused(victim, call(victim, back), field="state")
    assert place.provider.seen["/token"] == 0


@pytest.mark.parametrize("state", [None, "", "x", "a" * 43, "ü"])
def test_a_wrong_state_opens_nothing(place: Place, state: str | None) -> None:
    browser = place.browser()
    back = place.back(browser)
    changed = {name: value for name, value in {**back, "state": state}.items() if value is not None}
    refused(browser, call(browser, changed), field="state")
    assert place.provider.seen["/token"] == 0


@pytest.mark.parametrize("cookie", ["", ".", "x", "9999999999", "x.9999999999", "a" * 5000, "seed.1"])
def test_a_cookie_of_ones_own_making_opens_nothing(place: Place, cookie: str) -> None:
    browser, forger = place.browser(), place.browser()
    back = place.back(browser)
    answer = forger.get(f"{CALLBACK}?{urlencode(back)}", headers={"cookie": f"modelyard_oidc={cookie}"})
    refused(forger, answer)
    assert place.provider.seen["/token"] == 0


def test_the_cookie_of_a_sign_in_that_took_too_long_opens_nothing(place: Place) -> None:
    """Also with the state that would have fitted, had the time in it been another."""
    browser = place.browser()
    back = place.back(browser)
    seed, _, until_ = browser.cookies["modelyard_oidc"].partition(".")
    for moved in (int(until_) - 700, int(until_) + 700):
        other = place.browser()
        answer = other.get(f"{CALLBACK}?{urlencode(back)}", headers={"cookie": f"modelyard_oidc={seed}.{moved}"})
        refused(other, answer)
    assert place.provider.seen["/token"] == 0


def test_state_and_code_are_good_once(place: Place) -> None:
    browser = place.browser()
    back = place.back(browser)
    cookies = dict(browser.cookies)
    assert call(browser, back).status_code == 200
    thief = place.browser(cookies=cookies)
    refused(thief, call(thief, back), field="state")  # the same gateway remembers
    with place.another() as address:
        other = place.browser(address, cookies)
        refused(other, call(other, back), field="code")  # another one asks the provider, which knows


def test_a_code_of_another_sign_in_opens_nothing(place: Place) -> None:
    """Injected: a stolen code in a flow of one's own. Its challenge belongs to another verifier."""
    owner, thief = place.browser(), place.browser()
    stolen = place.back(owner)["code"]
    refused(thief, call(thief, {**place.back(thief), "code": stolen}), field="code")


def test_other_answers_through_the_browser_open_nothing(place: Place) -> None:
    for change, field in (
        ({"iss": "https://other.example"}, "iss"),
        ({"code": ""}, "code"),
        ({"code": "x" * 5000}, "code"),
        ({"code": "guessed"}, "code"),
        ({"error": "access_denied"}, "error"),
    ):
        browser = place.browser()
        refused(browser, call(browser, {**place.back(browser), **change}), field=field)
    for name in ("code", "state"):
        browser = place.browser()
        back = place.back(browser)
        refused(browser, call(browser, [*back.items(), (name, back[name])]), field="query")
    place.provider.document = {"authorization_response_iss_parameter_supported": True}
    place.forget()
    browser = place.browser()
    back = place.back(browser)
    back.pop("iss")
    refused(browser, call(browser, back), field="iss")


# --- what the provider says


def unsigned(header: dict[str, Any], claims: dict[str, Any], signature: str = "") -> str:
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, claims)]
    return ".".join([*parts, signature])


def with_public_key(place: Place, form: str) -> Callable[[dict[str, Any], dict[str, Any]], str]:
    """HS256, keyed with what everybody can read."""
    key = place.provider.keys["RS256"]
    secret = {"pem": key.as_pem(private=False), "jwk": json.dumps(key.as_dict(private=False)).encode(), "secret": SECRET.encode()}[form]

    def sign(header: dict[str, Any], claims: dict[str, Any]) -> str:
        signed = unsigned({**header, "alg": "HS256"}, claims).removesuffix(".")
        mark = hmac.new(secret, signed.encode(), hashlib.sha256).digest()  # by hand: joserfc refuses to sign with such a key
        return f"{signed}.{base64.urlsafe_b64encode(mark).rstrip(b'=').decode()}"

    return sign


def by(key: Any, algorithm: str, **more: Any) -> Callable[[dict[str, Any], dict[str, Any]], str]:
    def sign(header: dict[str, Any], claims: dict[str, Any]) -> str:
        header = {**header, "alg": algorithm, **more}
        return jws.serialize_compact(header, json.dumps(claims).encode(), key, [algorithm])

    return sign


def cut(place: Place) -> Callable[[dict[str, Any], dict[str, Any]], str]:
    """A good token whose claims were exchanged."""

    def sign(header: dict[str, Any], claims: dict[str, Any]) -> str:
        good = by(place.provider.keys["RS256"], "RS256")(header, {**claims, "sub": "a stranger"})
        return unsigned(header, claims, good.rpartition(".")[2])

    return sign


FORGERIES: dict[str, Callable[[Place], Callable[[dict[str, Any], dict[str, Any]], str]]] = {
    "alg none": lambda _: lambda header, claims: unsigned({**header, "alg": "none"}, claims),
    "alg None with a signature": lambda _: lambda header, claims: unsigned({**header, "alg": "None"}, claims, "AAAA"),
    "no alg": lambda _: lambda header, claims: unsigned({"kid": header["kid"]}, claims, "AAAA"),
    "alg a list": lambda _: lambda header, claims: unsigned({**header, "alg": ["RS256"]}, claims, "AAAA"),
    "no signature": lambda _: unsigned,
    "HS256 with the public key as PEM": lambda place: with_public_key(place, "pem"),
    "HS256 with the public key as JWK": lambda place: with_public_key(place, "jwk"),
    "HS256 with the client secret": lambda place: with_public_key(place, "secret"),
    "a foreign key under a known kid": lambda place: by(made_key("RS256"), "RS256"),
    "a foreign key under its own kid": lambda place: by(key := made_key("RS256"), "RS256", kid=key.kid),
    "a foreign key brought along": lambda place: by(key := made_key("ES256"), "ES256", jwk=key.as_dict(private=False), kid=key.kid),
    "a known kid with another algorithm": lambda place: by(made_key("ES256"), "ES256"),
    "RS384 with the right key": lambda place: by(place.provider.keys["RS256"], "RS384"),
    "PS256 with the right key": lambda place: by(place.provider.keys["RS256"], "PS256"),
    "claims exchanged": cut,
    "critical header": lambda place: lambda header, claims: unsigned({**header, "crit": ["exp"]}, claims, "AAAA"),
    "no token": lambda _: lambda header, claims: "",
    "two parts": lambda _: lambda header, claims: unsigned(header, claims).rpartition(".")[0],
    "an encrypted one": lambda _: lambda header, claims: unsigned(header, claims) + ".a.b",
    "letters": lambda _: lambda header, claims: "ü.ü.ü",
    "long": lambda place: lambda header, claims: by(place.provider.keys["RS256"], "RS256")(header, {**claims, "more": "x" * 20_000}),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_token_opens_nothing(place: Place, forgery: str) -> None:
    place.provider.signs = FORGERIES[forgery](place)
    browser = place.browser()
    refused(browser, call(browser, place.back(browser)), field="id_token")
    assert place.provider.seen["/keys"] <= 2


NOW = int(time.time())
CLAIMS: dict[str, dict[str, Any]] = {
    "wrong nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "nonce a number": {"nonce": 1},
    "wrong iss": {"iss": "https://other.example"},
    "no iss": {"iss": None},
    "wrong aud": {"aud": "another client"},
    "no aud": {"aud": None},
    "aud an object": {"aud": {"modelyard client": 1}},
    "aud of others": {"aud": ["another client", "a third"]},
    "two audiences and nobody named": {"aud": [CLIENT, "another client"]},
    "given to another": {"aud": [CLIENT, "another client"], "azp": "another client"},
    "given to another alone": {"azp": "another client"},
    "expired": {"exp": NOW - 3600, "iat": NOW - 3700},
    "expired a minute ago": {"exp": NOW - 60},
    "no exp": {"exp": None},
    "exp a text": {"exp": "9999999999"},
    "exp true": {"exp": True},
    "no iat": {"iat": None},
    "of yesterday": {"iat": NOW - 86_400},
    "of tomorrow": {"iat": NOW + 86_400, "exp": NOW + 90_000},
    "not yet": {"nbf": NOW + 3600},
    "nobody": {"sub": None},
    "empty sub": {"sub": ""},
    "sub a number": {"sub": 1},
    "long sub": {"sub": "somebody" * 100},
    "sub with a line": {"sub": "somebody\n"},
}


@pytest.mark.parametrize("claims", CLAIMS)
def test_a_token_about_something_else_opens_nothing(place: Place, claims: str) -> None:
    place.provider.claims = CLAIMS[claims]
    browser = place.browser()
    refused(browser, call(browser, place.back(browser)), field="id_token")


def test_two_audiences_of_which_we_are_the_one_it_was_given_to(place: Place) -> None:
    place.provider.claims = {"aud": [CLIENT, "another client"], "azp": CLIENT}
    browser = place.browser()
    assert call(browser, place.back(browser)).status_code == 200


HUGE = b'{"id_token": "' + b"a" * (4 << 20) + b'"}'
BAD_ANSWERS: dict[str, Callable[[Place], openid_provider.Answer]] = {
    "huge": lambda _: (200, {"content-type": "application/json"}, HUGE),
    "packed": lambda _: (200, {"content-encoding": "gzip"}, b"\x1f\x8b\x08"),
    "no JSON": lambda _: (200, {}, b"<html>"),
    "deep": lambda _: (200, {}, b"[" * 200_000),
    "broken": lambda _: (503, {}, b""),
    "redirecting": lambda place: (307, {"location": place.provider.address + "/elsewhere"}, b""),
    "moved": lambda place: (302, {"location": place.provider.address + "/elsewhere"}, b""),
}


@pytest.mark.parametrize("path", ["/token", "/keys", "/.well-known/openid-configuration"])
@pytest.mark.parametrize("bad", BAD_ANSWERS)
def test_a_provider_that_answers_badly_opens_nothing(place: Place, bad: str, path: str) -> None:
    browser = place.browser()
    back = place.back(browser)
    place.forget()
    place.provider.answers = {path: lambda: BAD_ANSWERS[bad](place)}
    answer = call(browser, back)
    refused(browser, answer, code=503)
    assert place.provider.seen["/elsewhere"] == 0


@pytest.mark.parametrize("answer", [told({}), told([]), told({"id_token": 1}), told({"error": "invalid_grant"}, 400), told(None, 401)])
def test_a_token_endpoint_that_says_nothing_useful_opens_nothing(place: Place, answer: openid_provider.Answer) -> None:
    browser = place.browser()
    back = place.back(browser)
    place.provider.answers = {"/token": lambda: answer}
    refused(browser, call(browser, back))


DOCUMENTS: dict[str, dict[str, Any]] = {
    "another issuer": {"issuer": "https://other.example"},
    "nearly the issuer": {"issuer": "http://127.0.0.1/"},
    "no token endpoint": {"token_endpoint": None},
    "plain http elsewhere": {"token_endpoint": "http://other.example/token"},
    "a file": {"jwks_uri": "file:///etc/passwd"},
    "somebody's name in it": {"token_endpoint": "https://a:b@other.example/token"},
    "a script": {"authorization_endpoint": "javascript:alert(1)"},
    "two lines": {"authorization_endpoint": "https://other.example/\r\nset-cookie: a=b"},
}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_an_unsafe_discovery_document_is_not_believed(place: Place, document: str) -> None:
    place.provider.document = DOCUMENTS[document]
    browser = place.browser()
    answer = browser.get(START)
    assert answer.status_code == 503
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    "key",
    [
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
        {"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "OKP"},
        7,
    ],
)
def test_keys_that_may_not_sign_are_not_taken(place: Place, key: Any) -> None:
    browser = place.browser()
    back = place.back(browser)
    place.provider.answers = {"/keys": lambda: told({"keys": [key]})}
    refused(browser, call(browser, back), code=503)


def test_a_key_for_encryption_does_not_sign(place: Place) -> None:
    browser = place.browser()
    back = place.back(browser)
    mine = place.provider.keys["RS256"].as_dict(private=False)
    other = place.provider.keys["ES256"].as_dict(private=False)
    for change in ({"use": "enc"}, {"alg": "RS512"}):
        place.forget()
        place.provider.answers = {"/keys": lambda change=change: told({"keys": [{**mine, **change}, other]})}  # type: ignore[misc]
        refused(browser, call(browser, back))
        browser = place.browser()
        back = place.back(browser)


def test_a_provider_that_is_away_is_unavailable_and_not_forgiven(place: Place) -> None:
    browser = place.browser()
    back = place.back(browser)
    place.provider.document = {"token_endpoint": "http://127.0.0.1:1/token"}
    place.forget()
    refused(browser, call(browser, back), code=503)
    assert call(browser, back).json()["error"]["field"] == "state"
