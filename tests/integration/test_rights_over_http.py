"""Every route of the gateway × everybody who may ask: a person of each role, administrators, keys, a member of another space, nobody.

What each may do is written down here by class of route and knows nothing of the contract; a request that may pass must reach its verb, and
one that may not must be refused for exactly that reason. The requests are complete and valid, so that nothing else refuses them first.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec
import pytest

from gateway import jsonwire, routes
from gateway.app import build
from gateway.clients import request_struct
from libs.client.sdk import Modelyard
from libs.common.coord.discovery import StaticDiscovery
from tests.support.platform import Platform
from tests.support.requests import example

FLAVOURS = ("embedded",)  # which store the records have changes nothing here
API = "/api/v1"
ABSENT_ID = str(0x0DEA_D0DE_AD0D_EAD0)

ROLES = ("owner", "developer", "annotator", "rater", "inspector", "agent", "viewer", "operator")
MEMBERS, ADMINISTRATOR = frozenset(ROLES), frozenset({"administrator"})
# Class of route -> (who may, its routes). A GET that is in no class is READ.
READ = MEMBERS
CLASSES: dict[str, tuple[frozenset[str], str]] = {
    "build": (
        frozenset({"owner", "developer"}),
        """POST /models; PATCH /models/{id}; POST /models/{project_id}/versions; POST /models/versions/{id}/retire; POST /datasets;
        PATCH /datasets/{id}; POST /datasets/uploads; PUT /datasets/uploads/{id}/parts/{offset}; POST /datasets/uploads/{id}/finish;
        DELETE /datasets/uploads/{id}; GET /datasets/uploads/{id}; GET /datasets/uploads; POST /datasets/import-preview;
        POST /datasets/recipes; PATCH /datasets/recipes/{id}; DELETE /datasets/recipes/{id}; POST /datasets/recipes/{id}/restore;
        POST /datasets/recipes/{recipe_id}/tasks;
        POST /datasets/versions/{dataset_version_id}/recipe-preview;
        POST /datasets/versions/{dataset_version_id}/clean-preview; POST /datasets/{dataset_id}/tasks;
        POST /datasets/tasks/{id}/cancel; POST /train/configs; POST /datasets/pools; PATCH /datasets/pools/{id};
        GET /datasets/pools/{id}; GET /datasets/pools; POST /datasets/templates; PATCH /datasets/templates/{id};
        POST /datasets/{dataset_id}/annotations; GET /datasets/tasks/{task_id}/members; GET /datasets/tasks/{task_id}/agreement;
        PATCH /train/configs/{id}; POST /train/tasks; POST /train/tasks/{id}/cancel; POST /train/tasks/{id}/pause;
        POST /models/{project_id}/aliases; POST /models/{project_id}/import; PATCH /models/aliases/{id}; DELETE /models/aliases/{id};
        POST /train/tasks/{id}/resume; POST /eval/configs; POST /eval/tasks; POST /eval/pools; PATCH /eval/pools/{id};
        GET /eval/pools/{id}; GET /eval/pools; POST /eval/templates; PATCH /eval/templates/{id}; POST /eval/tasks/{eval_task_id}/ratings;
        GET /eval/tasks/{task_id}/raters; GET /eval/tasks/{task_id}/members; GET /eval/tasks/{task_id}/agreement;
        POST /eval/prompts; PATCH /eval/prompts/{id}; PUT /eval/prompts/{id}/labels/{label}; POST /eval/grids;
        POST /eval/tasks/{id}/cancel; POST /deploy/configs;
        POST /models/versions/{model_version_id}/overrides; PUT /models/versions/{model_version_id}/card;
        POST /deploy/work-orders; POST /deploy/work-orders/{id}/cancel;
        POST /knowledge/bases; DELETE /knowledge/bases/{id}; PATCH /knowledge/bases/{id}; POST /knowledge/bases/{base_id}/documents;
        POST /knowledge/bases/{base_id}/datasets; DELETE /knowledge/documents/{id};
        POST /resource/reservations; POST /resource/reservations/{id}/renew; POST /resource/reservations/{id}/release""",
    ),
    "own": (
        frozenset({"owner"}),
        """DELETE /models/{id}; POST /models/{id}/restore; GET /models/deleted; POST /models/versions/{id}/quarantine;
        PUT /models/{project_id}/gate; DELETE /datasets/{id}; POST /datasets/{id}/restore; POST /datasets/{id}/purge;
        GET /datasets/deleted;
        POST /memberships; PATCH /memberships/{id}; DELETE /memberships/{id}; GET /space/keys; DELETE /space/keys/{id};
        POST /service-accounts; GET /service-accounts; PATCH /service-accounts/{id}; POST /service-accounts/{id}/keys;
        POST /service-keys/{id}/rotate""",
    ),
    "annotate": (
        frozenset({"owner", "annotator"}),
        """POST /datasets/tasks/{task_id}/claim; POST /datasets/work/{id}/submit; POST /datasets/work/{id}/skip;
        POST /datasets/work/{id}/undo""",
    ),
    "rate": (
        frozenset({"owner", "rater"}),
        """POST /eval/tasks/{task_id}/claim; POST /eval/work/{id}/submit; POST /eval/work/{id}/skip; POST /eval/work/{id}/undo""",
    ),
    "inspect": (
        frozenset({"owner", "inspector"}),
        """POST /datasets/tasks/{task_id}/claim-inspection; POST /datasets/work/{id}/decide;
        POST /eval/tasks/{task_id}/claim-inspection; POST /eval/work/{id}/decide""",
    ),
    "rate or inspect": (
        frozenset({"owner", "rater", "inspector"}),
        """PUT /eval/work/{id}/draft; POST /eval/work/{id}/release; GET /eval/my-work; GET /eval/tasks/{task_id}/my-answers""",
    ),
    "annotate or inspect": (
        frozenset({"owner", "annotator", "inspector"}),
        """PUT /datasets/work/{id}/draft; POST /datasets/work/{id}/release; GET /datasets/my-work;
        GET /datasets/tasks/{task_id}/my-answers""",
    ),
    "run": (
        frozenset({"owner", "operator"}),
        """POST /deploy/work-orders/{id}/approve; POST /deploy/work-orders/{id}/reject; POST /deploy/work-orders/{id}/rollback;
        POST /models/overrides/{id}/confirm""",
    ),
    "build or run": (frozenset({"owner", "developer", "operator"}), "POST /models/overrides/{id}/withdraw"),
    "audit": (frozenset({"owner", "inspector"}), "GET /audit; GET /datasets/purges; GET /datasets/purges/{id}"),
    "administer": (
        ADMINISTRATOR,
        """POST /departments; GET /departments; POST /users; GET /users; GET /users/{id}; PATCH /users/{id}; POST /users/{id}/password;
        POST /spaces; GET /spaces; GET /platform/audit; GET /platform/keys; DELETE /platform/keys/{id};
        POST /resource/rooms; POST /resource/nodes; PATCH /resource/nodes/{id}; DELETE /resource/nodes/{id};
        POST /resource/nodes/{id}/report; GET /resource/quotas; PUT /resource/quotas; POST /resource/prices;
        GET /resource/cost/platform""",
    ),
    "look at resources": (MEMBERS | ADMINISTRATOR, "GET /resource/rooms; GET /resource/nodes; GET /resource/prices"),
    "ask about resources": (MEMBERS, "POST /resource/explain"),
    "keys of one's own": (MEMBERS, "POST /keys; DELETE /keys/{id}"),
    "oneself": (MEMBERS | ADMINISTRATOR, "POST /auth/password; GET /sessions; DELETE /sessions/{id}"),
}
# Routes that are not made of the contract, with a body where they need one.
COMPLETION = {"model": "a", "prompt": "a", "messages": [{"role": "user", "content": "a"}]}
OTHERS: dict[tuple[str, str], tuple[frozenset[str], Any]] = {
    ("GET", f"{API}/models/{{id}}/status"): (READ, None),
    ("GET", f"{API}/{{domain}}/tasks/{{id}}/live"): (READ, None),
    ("GET", f"{API}/my-work"): (frozenset({"owner", "annotator", "rater", "inspector"}), None),
    ("GET", f"{API}/changes"): (READ | ADMINISTRATOR, None),
    ("GET", "/v1/models"): (READ, None),
    ("GET", "/v1/models/{model:path}"): (READ, None),
    ("POST", "/v1/chat/completions"): (READ, COMPLETION),
    ("POST", "/v1/completions"): (READ, COMPLETION),
    ("POST", "/v1/classify"): (READ, {"model": "a", "input": "a"}),
    ("GET", f"{API}/auth/me"): (MEMBERS | ADMINISTRATOR, None),
    ("POST", f"{API}/auth/exchange"): (frozenset({"service account"}), {"audience": "model"}),
    ("POST", f"{API}/auth/sign-out"): (MEMBERS | ADMINISTRATOR, {}),
}
# They ask nobody who they are, and what they answer to everybody.
OPEN: dict[tuple[str, str], int] = {
    ("GET", "/healthz"): 200,
    ("GET", "/readyz"): 200,
    ("GET", "/readyz/self"): 200,
    ("GET", "/metrics"): 200,
    ("GET", "/"): 200,
    ("GET", "/assets/{name}"): 404,
    ("GET", "/api/openapi.json"): 200,
    ("POST", f"{API}/auth/sign-in"): 400,  # it wants an account
    ("GET", f"{API}/auth/first"): 200,
    ("POST", f"{API}/auth/first"): 400,  # it wants a password
    ("POST", f"{API}/auth/refresh"): 400,  # it wants a refresh token
    ("GET", f"{API}/auth/oidc/start"): 404,  # no provider is named
    ("GET", f"{API}/auth/oidc/callback"): 404,
}


@dataclass(frozen=True)
class Subject:
    """counts_as: the words of the table. refused: how everything is answered that needs somebody, None for by the table. shared: with
    other subjects, so that it is not signed out."""

    name: str
    headers: dict[str, str]
    counts_as: frozenset[str]
    refused: tuple[int, str] | None = None
    shared: bool = False


@dataclass(frozen=True)
class Asked:
    verb: str
    template: str
    may: frozenset[str]
    path: str
    query: dict[str, Any]
    body: Any


def contract_routes() -> Iterator[Asked]:
    classes = {route: may for may, named in CLASSES.values() for route in (" ".join(each.split()) for each in named.split(";"))}
    used = set()
    for route in routes.ALL:
        name = f"{route.verb} {route.path}"
        assert name in classes or route.verb == "GET", f"{name}: say who may"
        used.add(name)
        yield _asked(route, classes.get(name, READ))
    assert set(classes) <= used, set(classes) - used


def _asked(route: Any, may: frozenset[str]) -> Asked:
    request = example(request_struct(route.domain, route.method))
    for shared in ("base", "page", "idempotency_key"):
        if hasattr(request, shared):
            setattr(request, shared, None)
    if route.raw:
        request.data = None
    sent = msgspec.json.decode(msgspec.json.encode(jsonwire.dump(request)))
    facts = {name: value for name, value in sent.items() if value is not None}
    for name in facts:
        if name == "id" or name.endswith("_id"):
            facts[name] = ABSENT_ID
    if route.file:
        facts.pop("offset")  # a file's offset is its range
    facts.pop("dataset_version_ids", None)  # named by a training task only, whatever one's role
    path = API + route.path
    for name in route.path_fields:
        path = path.replace("{" + name + "}", str(facts.pop(name)))
    reads = route.verb in ("GET", "DELETE")
    return Asked(route.verb, API + route.path, may, path, facts if reads else {}, b"bytes" if route.raw else None if reads else facts)


def other_routes() -> Iterator[Asked]:
    for (verb, template), (may, body) in OTHERS.items():
        yield Asked(
            verb,
            template,
            may,
            template.replace("{id}", ABSENT_ID).replace("{model:path}", ABSENT_ID).replace("{domain}", "train"),
            {},
            body,
        )


def everything() -> list[Asked]:
    """Signing out comes last: it ends what the others are asked with."""
    found = [*contract_routes(), *other_routes()]
    return sorted(found, key=lambda asked: asked.template.endswith("/sign-out"))


@pytest.fixture(scope="module")
def subjects(platform: Platform) -> Iterator[list[Subject]]:
    with ExitStack() as stack:
        admin = stack.enter_context(platform.owner())
        spaces = {role: str(platform.space(number)) for number, role in enumerate(ROLES, 71)}

        def person(account: str, roles: tuple[str, ...], **marks: Any) -> dict[str, str]:
            """Of one role in each role's space. Returns what their session sends."""
            made = admin.users.create(f"rights-{account}", **marks)
            for role in roles:
                with platform.client(space=71 + ROLES.index(role)) as there:
                    there.memberships.create(made["account"], role, "SECRET")
            client = stack.enter_context(Modelyard(admin.address))
            client.sign_in(made["account"], admin.users.issue_password(made["id"]))
            return {"authorization": client._http.headers["authorization"]}

        def key(session: dict[str, str], space: str) -> dict[str, str]:
            token = session["authorization"].removeprefix("Bearer ")
            with Modelyard(admin.address, token=token, space=int(space)) as client:
                return {"authorization": f"Bearer {client.keys.create('rights')['secret']}"}

        found = []
        # Another role in each space, so that a role carried from one into another would show.
        everywhere = person("everywhere", ROLES)
        for role, space in spaces.items():
            found.append(Subject(f"{role}, key", key(everywhere, space), frozenset({role})))
        for role, space in spaces.items():
            found.append(Subject(f"{role}, session", {**everywhere, "x-modelyard-space": space}, frozenset({role}), shared=True))
        found.append(Subject("administrator", person("administrator", (), administrator=True), ADMINISTRATOR))
        both = person("both", ("viewer",), administrator=True)
        found.append(Subject("administrator and viewer, key", key(both, spaces["viewer"]), frozenset({"viewer"})))
        found.append(Subject("administrator and viewer, session", both, ADMINISTRATOR | {"viewer"}))
        found.append(Subject("user without a space", person("outsider", ()), frozenset({"nobody"})))
        program = stack.enter_context(platform.client(space=71 + ROLES.index("viewer")))
        account = program.services.create("rights-program", role="viewer")
        service_key = {"authorization": f"Bearer {program.services.issue_key(account['id'], 'k')['secret']}"}
        found.append(Subject("service account with viewer", service_key, frozenset({"viewer", "service account"})))
        found.append(
            Subject(
                "owner of another space",
                {"authorization": f"Bearer {platform.token(70, 70)}", "x-modelyard-space": spaces["owner"]},
                frozenset(),
                (404, "NOT_FOUND"),
            )
        )
        found.append(Subject("nobody", {}, frozenset(), (401, "UNAUTHENTICATED")))
        found.append(Subject("a forger", {"authorization": "Bearer mys_" + "A" * 43}, frozenset(), (401, "CREDENTIAL_ENDED")))
        yield found


def test_every_route_of_the_gateway_is_in_the_table(platform: Platform) -> None:
    """Of the application itself, so that no route can be added beside it."""
    there = set(build(platform.settings, StaticDiscovery(platform.settings)).router.routes)
    assert {(asked.verb, asked.template) for asked in everything()} | set(OPEN) == there


def test_everybody_may_what_the_table_says_and_nothing_else(platform: Platform, subjects: list[Subject]) -> None:
    allowed_but, refused_but, tried = [], [], 0
    with httpx.Client(base_url=platform.settings.gateway_address, trust_env=False, timeout=30) as http:
        for subject in subjects:
            for asked in everything():
                if subject.shared and asked.template.endswith("/sign-out"):
                    continue
                answer = answered(http, asked, subject)
                tried += 1
                case = (subject.name, asked.verb, asked.template, answer.status_code, answer.text[:200])
                if may(asked, subject):
                    if not reached(asked, answer):
                        refused_but.append(case)
                elif refusal(answer) != (subject.refused or (403, "FORBIDDEN")):
                    allowed_but.append(case)
    assert allowed_but == []
    assert refused_but == []
    assert tried > 2000


def test_the_open_doors_answer_everybody_alike(platform: Platform, subjects: list[Subject]) -> None:
    with httpx.Client(base_url=platform.settings.gateway_address, trust_env=False, timeout=30) as http:
        for subject in subjects:
            for (verb, path), code in OPEN.items():
                answer = http.request(verb, path, headers=subject.headers, json={} if verb == "POST" else None)
                assert answer.status_code == code, (subject.name, verb, path, answer.text)


def answered(http: httpx.Client, asked: Asked, subject: Subject) -> httpx.Response:
    """The whole answer; of a stream that never ends its first piece."""
    raw = isinstance(asked.body, bytes)
    body = {"content": asked.body} if raw else {"json": asked.body}
    kind = {"content-type": "application/octet-stream"} if raw else {}
    with http.stream(asked.verb, asked.path, params=asked.query, headers={**subject.headers, **kind}, **body) as answer:
        if answer.status_code == 200 and asked.template == f"{API}/changes":
            return httpx.Response(200, headers={"content-type": "text/event-stream"}, content=next(answer.iter_bytes()))
        answer.read()
        return answer


def may(asked: Asked, subject: Subject) -> bool:
    if subject.refused is not None:
        return False
    if asked.template in (f"{API}/auth/me", f"{API}/auth/sign-out"):  # about the credential itself, whatever it may do
        return True
    return bool(asked.may & subject.counts_as)


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """A refusal because of who asks; of an object that is not there nothing is said."""
    if not answer.headers["content-type"].startswith("application/json"):
        return answer.status_code, ""
    error = answer.json().get("error", {})
    of_space = error.get("code") == "not_found" or error.get("details", {}).get("kind") == "project_space"  # in OpenAI's shape, in ours
    of_objects = answer.status_code == 404 and not of_space
    return answer.status_code, "" if of_objects else error.get("reason", "")


def reached(asked: Asked, answer: httpx.Response) -> bool:
    """The verb itself answered: it did it, or it found no such object, or what was sent does not fit it."""
    if asked.template.endswith("/auth/password"):  # the verb is reached and refuses the password, in words of its own, or counts tries
        return answer.status_code == 429 or refusal(answer) == (401, "WRONG_PASSWORD")
    if answer.status_code == 404:
        return refusal(answer) == (404, "")
    if asked.template == f"{API}/keys" and answer.status_code == 403:  # the verb is reached and refuses the role that the key is to have
        return bool(answer.json()["error"]["field"] == "roles")
    return answer.status_code in (200, 201, 400, 409)
