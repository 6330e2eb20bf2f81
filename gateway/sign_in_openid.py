"""``/api/v1/auth/oidc``: sign in through an outside provider, by the authorisation code flow with PKCE, state and nonce.

The browser that starts keeps a random seed in an HttpOnly cookie; state, nonce and the PKCE verifier are made of that seed with a key only
gateways have. So any gateway can finish what another began, a cookie of somebody's own making has no state that fits, and the verifier
never leaves us before the exchange. The provider says who somebody is; the identity service says whether they may come in (SignInOutside).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.clients import request_id, request_struct
from gateway.id_token import AGE_SECONDS, refused
from gateway.sign_in import SignIn, address_of
from gateway.trail import OUTSIDE, Trail
from libs.common.errors import PlatformError, Reason
from libs.common.identity.keys import KeyFolder
from libs.common.settings import Settings

if TYPE_CHECKING:
    from gateway.openid import Provider

COOKIE = "modelyard_oidc"
PATH = "/api/v1/auth/oidc"
CODE_MAX = 4096
USED_MAX = 100_000


class SignInOpenID:
    """The two handlers. Without an issuer both answer 404 naming the setting."""

    def __init__(self, settings: Settings, sign_in: SignIn, trail: Trail) -> None:
        self._sign_in, self._trail = sign_in, trail
        self._provider = _provider(settings) if settings.oidc_issuer else None
        self._key = str(KeyFolder(settings.keys_path).private("gateway").as_dict(private=True)["d"]).encode()
        self._used: dict[str, float] = {}  # seed -> until when it would be good

    async def start(self, request: Request) -> Response:
        """Sends the browser to the provider."""
        provider = self._configured()
        until = int(time.time()) + AGE_SECONDS
        seed = f"{secrets.token_urlsafe(24)}.{until}"
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self._made("verifier", seed).encode()).digest()).rstrip(b"=").decode()
        target = await provider.authorize_address(self._callback(provider), self._made("state", seed), self._made("nonce", seed), challenge)
        answer = RedirectResponse(target, 302, {"x-request-id": request_id(request), "cache-control": "no-store"})
        # Lax: the browser comes back from another site, and must bring it along.
        answer.set_cookie(
            COOKIE, seed, max_age=AGE_SECONDS, path=PATH, httponly=True, samesite="lax", secure=provider.redirect.startswith("https:")
        )
        return answer

    async def callback(self, request: Request) -> Response:
        """The browser is back. Answers like sign-in with cookies; whatever is wrong is 401 and opens nothing."""
        provider = self._configured()
        self._trail.check_room()
        seed = self._seed(request)
        facts = {name: request.query_params.getlist(name) for name in ("code", "state", "iss", "error")}
        if any(len(values) > 1 for values in facts.values()):
            raise refused("each parameter once", "query")
        state = (facts["state"] or [""])[0]
        if not hmac.compare_digest(state.encode(), self._made("state", seed).encode()):
            raise refused("of a sign-in this browser began", "state")
        self._use(seed)
        request.scope["modelyard.rpc"] = OUTSIDE  # from here on it is a try of somebody, and a row of the trail
        if facts["error"]:
            raise refused("a sign-in the provider agreed to", "error")
        says_issuer = (await provider.document()).says_issuer
        if (facts["iss"] or says_issuer) and facts["iss"] != [provider.issuer]:
            raise refused("our issuer", "iss")
        code = (facts["code"] or [""])[0]
        if not 0 < len(code) <= CODE_MAX:
            raise refused("one the provider takes", "code")
        somebody = await provider.vouched(code, self._made("verifier", seed), self._callback(provider), self._made("nonce", seed))
        request.scope["modelyard.object"] = f"subject={somebody.subject}"
        call = request_struct("identity", "SignInOutside")(
            issuer=provider.issuer, subject=somebody.subject, name=somebody.name or None, address=address_of(request)
        )
        opened = await self._sign_in.ask(request, "SignInOutside", call)
        answer = self._sign_in.opened(request, opened, as_cookie=True, secure=provider.redirect.startswith("https:"))
        answer.delete_cookie(COOKIE, path=PATH, httponly=True, samesite="lax")
        if "text/html" in request.headers.get("accept", ""):  # a person, who wants the console and not this JSON
            answer.status_code, answer.headers["location"] = 303, "/"
        return answer

    async def close(self) -> None:
        if self._provider is not None:
            await self._provider.close()

    def _configured(self) -> Provider:
        if self._provider is None:
            raise PlatformError(404, Reason.INVALID_SETTING, field="MODELYARD_OIDC_ISSUER", limit="the address of an OpenID provider")
        return self._provider

    def _callback(self, provider: Provider) -> str:
        return f"{provider.redirect}{PATH}/callback"

    def _made(self, what: str, seed: str) -> str:
        digest = hmac.new(self._key, f"modelyard oidc {what} {seed}".encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def _seed(self, request: Request) -> str:
        """The cookie's, unless it is too old. That it is ours is shown by the state that fits it."""
        seed = request.cookies.get(COOKIE, "")
        until = seed.rpartition(".")[2]
        if not 0 < len(seed) <= 100 or not seed.isascii() or not until.isdecimal() or int(until) <= time.time():
            raise refused("begun by this browser within 10 minutes", "cookie")
        return seed

    def _use(self, seed: str) -> None:
        """Each sign-in ends once at this gateway; at another one the provider refuses the code the second time."""
        now = time.time()
        if seed in self._used:
            raise refused("used once", "state")
        if len(self._used) >= USED_MAX:
            self._used = {each: until for each, until in self._used.items() if until > now}
        if len(self._used) >= USED_MAX:
            raise PlatformError(429, Reason.BUSY, limit=f"at most {USED_MAX}", retryable=True, what="sign-in")
        self._used[seed] = float(seed.rpartition(".")[2])


def _provider(settings: Settings) -> Provider:
    from gateway.openid import Provider  # its HTTP client is a tenth of a start, for the few platforms with a provider

    return Provider(settings)


def paths(api: str) -> dict[str, dict[str, Any]]:
    """The OpenAPI paths of these handlers."""
    error = {"description": "Error", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}
    answer = {"description": "Success", "content": {"application/json": {"schema": {"type": "object"}}}}
    text = {"type": "string"}
    query = [{"name": name, "in": "query", "required": False, "schema": text} for name in ("code", "state", "iss", "error")]
    away = {"description": "To the provider", "headers": {"location": {"schema": text}}}
    return {
        f"{api}/auth/oidc/start": {"get": {"operationId": "oidc_start", "tags": ["auth"], "responses": {"302": away, "default": error}}},
        f"{api}/auth/oidc/callback": {
            "get": {
                "operationId": "oidc_callback",
                "tags": ["auth"],
                "parameters": query,
                "responses": {"200": answer, "303": {"description": "A browser: on to the console"}, "default": error},
            }
        },
    }
