"""The outside provider of sign-in (OpenID Connect) as its client sees it: discovery document, keys, and a code exchanged for an id_token.

Whatever it answers is bounded in size and time and no redirect is followed: the secret and the code go to the address the document names,
over https, or nowhere.
"""

from __future__ import annotations

import asyncio
import base64
import time
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

import httpx
import msgspec

from gateway.id_token import Somebody, UnknownKeyError, Wanted, check, refused, usable_keys
from libs.common.errors import PlatformError, Reason, busy, unavailable
from libs.common.settings import Settings
from libs.common.sight import logs

SECONDS = 5.0  # of one request to the provider, its whole answer included
MAX_ANSWER = 262_144
BELIEVED_SECONDS = 3600.0  # discovery document and keys
AT_ONCE = 16
WHAT = "the OpenID provider"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
WELL_KNOWN = "/.well-known/openid-configuration"
log = logs.get("gateway")


class Document(NamedTuple):
    """What we use of a discovery document."""

    authorize: str
    token: str
    keys: str
    secret_in_body: bool
    says_issuer: bool


class Provider:
    """Raises INVALID_SETTING when made of settings that are not safe. Everything else raises 401, or 503 when the provider is to blame."""

    def __init__(self, settings: Settings) -> None:
        self.issuer, self.client_id, self._secret = settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret
        self._loopback = _is_loopback(self.issuer)
        if not self._safe(self.issuer) or "?" in self.issuer or len(self.issuer) > 200:
            raise _setting("issuer", "an https address (http only on loopback), as the provider spells it")
        if not self.client_id:
            raise _setting("client_id", "what the provider calls this platform")
        self.redirect = (settings.oidc_redirect or settings.gateway_address).rstrip("/")
        if not _plain(self.redirect, loopback=_is_loopback(self.redirect)):
            raise _setting("redirect", "the https address under which browsers reach the gateway (http only on loopback)")
        self._http = httpx.AsyncClient(
            timeout=SECONDS, follow_redirects=False, trust_env=False, limits=httpx.Limits(max_connections=AT_ONCE)
        )
        self._room = asyncio.Semaphore(AT_ONCE)
        self._known: dict[str, tuple[float, Any]] = {}

    async def close(self) -> None:
        await self._http.aclose()

    async def authorize_address(self, callback: str, state: str, nonce: str, challenge: str) -> str:
        """Where the browser goes to sign in."""
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": callback,
            "scope": "openid profile",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        address = (await self.document()).authorize
        return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(asked)}"

    async def vouched(self, code: str, verifier: str, callback: str, nonce: str) -> Somebody:
        """Whom the provider signed in under this code."""
        document = await self.document()
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": callback, "code_verifier": verifier}
        headers = {}
        if not self._secret or document.secret_in_body:
            form["client_id"] = self.client_id
            if self._secret:
                form["client_secret"] = self._secret
        else:
            pair = f"{quote(self.client_id, safe='')}:{quote(self._secret, safe='')}"
            headers["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        status, answer = await self._ask("POST", document.token, form, headers)
        if status != 200:
            raise refused("one the provider takes", "code")
        token = answer.get("id_token") if isinstance(answer, dict) else None
        if not isinstance(token, str):
            raise refused("in the provider's answer")
        wanted = Wanted(self.issuer, self.client_id, nonce, time.time())
        try:
            return check(token, await self._keys(document), wanted)
        except UnknownKeyError:
            self._known.pop(document.keys, None)
        try:
            return check(token, await self._keys(document), wanted)
        except UnknownKeyError:
            raise refused("signed with a key of its issuer") from None

    async def document(self) -> Document:
        found = self._believed(self.issuer)
        if found is None:
            status, answer = await self._ask("GET", self.issuer.rstrip("/") + WELL_KNOWN)
            found = self._read(status, answer)
            self._known[self.issuer] = time.monotonic(), found
        return found  # type: ignore[no-any-return]

    def _read(self, status: int, answer: Any) -> Document:
        facts = answer if status == 200 and isinstance(answer, dict) else {}
        addresses = [facts.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
        if facts.get("issuer") != self.issuer:
            raise self._at_fault("discovery document of another issuer", status=status)
        if not all(isinstance(each, str) and self._safe(each) for each in addresses):
            raise self._at_fault("discovery document without safe addresses")
        methods = facts.get("token_endpoint_auth_methods_supported")
        in_body = isinstance(methods, list) and "client_secret_basic" not in methods and "client_secret_post" in methods
        says = facts.get("authorization_response_iss_parameter_supported") is True
        return Document(str(addresses[0]), str(addresses[1]), str(addresses[2]), in_body, says)

    async def _keys(self, document: Document) -> list[dict[str, Any]]:
        found = self._believed(document.keys)
        if found is None:
            status, answer = await self._ask("GET", document.keys)
            found = usable_keys(answer) if status == 200 else []
            if not found:
                raise self._at_fault("no key we can use", status=status)
            self._known[document.keys] = time.monotonic(), found
        return found  # type: ignore[no-any-return]

    def _believed(self, address: str) -> Any:
        at, found = self._known.get(address, (0.0, None))
        return found if found is not None and time.monotonic() - at < BELIEVED_SECONDS else None

    async def _ask(self, verb: str, address: str, form: Any = None, headers: dict[str, str] | None = None) -> tuple[int, Any]:
        """(status, JSON). A redirect, too much, too late and what is no JSON are the provider's fault. While it hangs, few wait for it."""
        if self._room.locked():
            raise busy(WHAT, f"at most {AT_ONCE} at once")
        sent = {"accept": "application/json", "accept-encoding": "identity", **(headers or {})}
        try:
            async with asyncio.timeout(SECONDS), self._room, self._http.stream(verb, address, data=form, headers=sent) as answer:
                if answer.is_redirect or answer.status_code >= 500 or answer.headers.get("content-encoding", "identity") != "identity":
                    raise self._at_fault("answer", status=answer.status_code)
                body = bytearray()
                async for chunk in answer.aiter_raw():
                    body += chunk
                    if len(body) > MAX_ANSWER:
                        raise self._at_fault("answer too large")
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            raise self._at_fault(type(error).__name__) from None
        try:
            return answer.status_code, msgspec.json.decode(bytes(body))
        except (msgspec.MsgspecError, ValueError, RecursionError):
            if answer.status_code == 200:
                raise self._at_fault("answer that is no JSON") from None
            return answer.status_code, None

    def _safe(self, address: str) -> bool:
        return _plain(address, loopback=self._loopback)

    def _at_fault(self, why: str, **facts: Any) -> PlatformError:
        log.warning("openid_provider", issuer=self.issuer, why=why, **facts)
        return unavailable(WHAT)


def _is_loopback(address: str) -> bool:
    try:
        return urlsplit(address).hostname in LOOPBACK
    except ValueError:
        return False


def _plain(address: str, loopback: bool) -> bool:
    """https, or http on loopback where ``loopback`` says so; no user, no fragment."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return False
    ours = loopback and parts.hostname in LOOPBACK
    clean = address.isascii() and address.isprintable() and " " not in address and "\\" not in address
    return clean and bool(parts.hostname) and parts.username is None and "#" not in address and parts.scheme in ("https", *("http",) * ours)


def _setting(name: str, limit: str) -> PlatformError:
    return PlatformError(500, Reason.INVALID_SETTING, field=f"MODELYARD_OIDC_{name.upper()}", limit=limit)
