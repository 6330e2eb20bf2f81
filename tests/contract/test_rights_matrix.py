"""Role × space × secrecy × verb over every RPC of every service, against a table that is written down here and knows nothing of the code:
zero unexpected allows, zero unexpected denies. The real doors, in this process; a verb that is reached says so.
"""

from __future__ import annotations

from typing import Any

import pytest

import idl
from libs.common.errors import PlatformError, Reason
from libs.common.rpc.deadline import Deadline
from libs.common.rpc.door import doors
from tests.support.evidence import record
from tests.support.identity import guard, person, signer
from tests.support.requests import example

# Who may call what, by class of verb. P: people by role, S: services by name. Owners may do what any role may.
READ = "viewer developer annotator rater inspector agent operator owner"
BUILD = "developer owner"
OWN = "owner"
RUN = "operator owner"
AUDIT = "inspector owner"
ANNOTATE = "annotator owner"
RATE = "rater owner"
INSPECT = "inspector owner"
ADMIN = "administrator"
NOBODY = ""
TABLE: dict[str, dict[str, tuple[str, str]]] = {
    "model": {
        "CreateProject UpdateProject RetireVersion CreateAlias UpdateAlias DeleteAlias SetCard ImportCheckpoint": (BUILD, ""),
        "CreateVersion": (BUILD, "train"),
        "GetProject": (READ, "train eval deploy"),
        "GetVersion": (READ, "train eval deploy"),
        "CheckGate": (READ, "deploy"),
        "ResolveName": (READ, "app"),
        "FindProject ListProjects ListAliases ListVersions GetGate ListEvidence GetLineage GetModelStatus ListStateEvents": (
            READ,
            "",
        ),
        "ExplainGate GetOverride ListOverrides GetModelAsOf GetCard": (READ, ""),
        "RequestOverride": (BUILD, ""),
        "ConfirmOverride": (RUN, ""),
        "WithdrawOverride": (f"{BUILD} {RUN}", ""),
        "DeleteProject RestoreProject ListDeletedProjects QuarantineVersion SetGate": (OWN, ""),
        "StartTraining RecordTrained RecordTrainingEnded": (NOBODY, "train"),
        "StartEvaluation RecordEvaluation RecordEvaluationEnded": (NOBODY, "eval"),
        "RecordPackage RecordServing": (NOBODY, "deploy"),
    },
    "dataset": {
        "CreateDataset UpdateDataset CreateTask CancelTask": (BUILD, ""),
        "CreateRecipe UpdateRecipe DeleteRecipe RestoreRecipe PreviewRecipe RunRecipe": (BUILD, ""),
        "GetRecipe FindRecipe ListRecipes ListRecipeRevisions": (READ, ""),
        "CreateUpload WriteUpload FinishUpload DiscardUpload GetUpload ListUploads PreviewImport PreviewCleaning": (BUILD, ""),
        "SummarizeVersion DiffVersions ListVersionChanges PrepareExport FetchExport FetchBlob": (READ, ""),
        "GetVersion": (READ, "train eval deploy app"),
        "GetTaskLog": (READ, ""),
        "GetDataset FindDataset ListDatasets GetTask ListTasks FindVersion ListVersions ReadRecords ListDropped ListStateEvents": (
            READ,
            "",
        ),
        "DeleteDataset RestoreDataset PurgeDataset ListDeletedDatasets": (OWN, ""),
        "GetPurge ListPurges": (AUDIT, ""),
        "CreatePool UpdatePool GetPool ListPools CreateTemplate UpdateTemplate StartAnnotation ListMembers GetAgreement": (BUILD, ""),
        "GetTemplate ListTemplates GetAnnotation": (READ, ""),
        "ClaimWork SubmitWork SkipWork UndoWork": (ANNOTATE, ""),
        "ClaimInspection DecideWork": (INSPECT, ""),
        "KeepWork ReleaseWork GetMyWork ListMyAnswers": (f"{ANNOTATE} {INSPECT}", ""),
    },
    "train": {
        "CreateConfig UpdateConfig CreateTask CancelTask PauseTask ResumeTask": (BUILD, ""),
        "GetConfig ListConfigs GetTask GetTaskLog ListTasks ListMetrics ListLeftOut GetTrainState ListStateEvents": (READ, ""),
    },
    "eval": {
        "CreateConfig CreatePrompt UpdatePrompt SetPromptLabel CreateGrid": (BUILD, ""),
        "GetPrompt ResolvePrompt ListPrompts ListPromptVersions GetGrid ListGrids CompareGrid FetchTaskExport": (READ, ""),
        "CreateTask": (BUILD, ""),
        "CancelTask": (BUILD, "deploy"),
        "CreateReleaseTask": (NOBODY, "deploy"),
        "GetConfig GetTask ListItems": (READ, "deploy"),
        "ListConfigs GetTaskLog ListTasks CompareTasks ListDifferences GetEvalState ListStateEvents": (READ, ""),
        "CreatePool UpdatePool GetPool ListPools CreateTemplate UpdateTemplate StartRating GetRaters": (BUILD, ""),
        "ListMembers GetAgreement": (BUILD, ""),
        "GetTemplate ListTemplates GetRating": (READ, ""),
        "ClaimWork SubmitWork SkipWork UndoWork": (RATE, ""),
        "ClaimInspection DecideWork": (INSPECT, ""),
        "KeepWork ReleaseWork GetMyWork ListMyAnswers": (f"{RATE} {INSPECT}", ""),
    },
    "deploy": {
        "CreateConfig CreateWorkOrder CancelWorkOrder": (BUILD, ""),
        "ApproveWorkOrder RejectWorkOrder RollBackWorkOrder": (RUN, ""),
        "GetConfig ListConfigs GetWorkOrder ListWorkOrders GetSlot ListSlots ResolveModel GetDeployState ListStateEvents": (READ, ""),
        "GetDeployAsOf": (READ, ""),
        "ResolveRoutes": (NOBODY, "gateway app"),
        "GetQuota SetQuota": (ADMIN, ""),
    },
    "resource": {
        "CreateRoom UpdateNode DeleteNode CreatePrice GetPlatformCost": (ADMIN, ""),
        "CreateNode ReportNode ListQuotas SetQuota": (ADMIN, "deploy"),
        "ListRooms ListNodes": (f"{READ} {ADMIN}", "deploy"),
        "ListPrices": (f"{READ} {ADMIN}", ""),
        "GetMyQuotas ExplainRequest GetReservation GetQuote": (READ, "dataset train eval deploy"),
        "ListReservations ListStateEvents ListUsage GetCost": (READ, ""),
        "CreateReservation RenewReservation ReleaseReservation": (BUILD, "dataset train eval deploy"),
    },
    "app": {
        "CreateBase UpdateBase DeleteBase AddDocument AddDataset DeleteDocument": (BUILD, ""),
        "GetBase ListBases GetDocument ListDocuments SearchBase AskBase ListStateEvents": (READ, ""),
    },
    "identity": {
        "SignIn SignInOutside GetFirstStart ChooseFirstPassword RefreshSession EndSession ResolveCredential RecordAudit": (
            NOBODY,
            "gateway",
        ),
        "CreateDepartment ListDepartments CreateUser GetUser ListUsers UpdateUser IssuePassword CreateSpace ListSpaces": (ADMIN, ""),
        "ListPlatformAudit ListPlatformKeys RevokePlatformKey": (ADMIN, ""),
        "CreateMembership UpdateMembership DeleteMembership ListSpaceKeys RevokeSpaceKey": (OWN, ""),
        "CreateServiceAccount ListServiceAccounts UpdateServiceAccount IssueServiceKey RotateServiceKey": (OWN, ""),
        "ListMemberships IssueKey ListKeys RevokeKey ListStateEvents": (READ, ""),
        "ChangePassword ListSessions RevokeSession": (f"{READ} {ADMIN}", ""),
        "ListAudit": (AUDIT, ""),
    },
}
for _of_service in TABLE.values():
    _of_service["FollowChanges"] = (NOBODY, "gateway")
OPEN = {"Ping", "CheckHealth", "ExchangeKey"}  # the last asks for a key itself
ROLES = ("owner", "developer", "annotator", "rater", "inspector", "agent", "viewer", "operator")
SERVICES = ("gateway", "model", "dataset", "train", "eval", "deploy", "identity", "resource", "app")
LEVELS = (0, 10, 20, 30)


class Reached(Exception):
    """The verb was called, with this context."""


class Info:
    deadline = Deadline.after(3600)


def expected(domain: str) -> dict[str, tuple[set[str], set[str]]]:
    return {
        method: (set(people.split()), set(services.split()))
        for methods, (people, services) in TABLE[domain].items()
        for method in methods.split()
    }


@pytest.fixture(scope="module", params=idl.DOMAINS)
def domain(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def reach(ctx: Any, **_: Any) -> None:
    raise Reached(ctx)


def opened(domain: str) -> dict[str, Any]:
    return doors(domain, dict.fromkeys(idl.methods(domain), reach), guard(domain))


def request_of(domain: str, method: str, auth: str | None) -> Any:
    request = example(getattr(idl.service(domain), f"{method}_args").thrift_spec[1][2])
    request.base = idl.load("base").Base(auth=auth)
    return request


def outcome(door: Any, request: Any) -> tuple[str, Any]:
    try:
        door(request, Info)
    except Reached as found:
        return "allow", found.args[0]
    except PlatformError as error:
        return f"{error.code} {error.reason.name}", error
    raise AssertionError("neither")


def test_the_table_names_every_rpc_once(domain: str) -> None:
    named = [method for methods in TABLE[domain] for method in methods.split()]
    assert sorted([*named, *OPEN & set(idl.methods(domain))]) == sorted(idl.methods(domain))


def test_people_by_role_space_and_clearance(domain: str) -> None:
    table, found, tried = expected(domain), [], 0
    for method, door in opened(domain).items():
        for roles in [(), *[(role,) for role in ROLES], ("viewer", "rater"), ("developer", "operator")]:
            for administrator in (False, True):
                for space, level in ((8, 0), (8, 10), (9, 20), (9, 30)):
                    auth = person(7, space, roles, level, administrator=administrator)
                    said, what = outcome(door, request_of(domain, method, auth))
                    words = {*roles, *(["administrator"] if administrator else [])}
                    allowed = method in OPEN or bool(words & table[method][0])
                    wanted = "allow" if allowed else "403 FORBIDDEN"
                    if said != wanted:
                        found.append((method, words, space, level, said))
                    if allowed and method not in OPEN and (what.user_id, what.space_id, what.clearance) != (7, space, level):
                        found.append((method, words, space, level, "another context"))
                    tried += 1
    record("I13", "rights matrix: role, space, clearance and method", tries=tried, violations=len(found))
    assert found == []
    assert tried == len(idl.methods(domain)) * 11 * 2 * 4


def test_service_accounts_by_role_audience_and_issuer(domain: str) -> None:
    """Their roles count like a person's, administrator is none of them, and nobody but the identity service says who they are."""
    table, found, tried = expected(domain), [], 0
    other = "train" if domain != "train" else "model"
    for method, door in opened(domain).items():
        for roles in [(), *[(role,) for role in ROLES], ("administrator",)]:
            for issuer, audience in (("identity", domain), ("identity", other), ("gateway", domain), (other, domain)):
                auth = signer(issuer).account(audience, 7, 8, frozenset(roles), 20, "service-key:5")[0]
                said, what = outcome(door, request_of(domain, method, auth))
                believed = (issuer, audience) == ("identity", domain)
                allowed = method in OPEN or (believed and bool(set(roles) & (table[method][0] - {"administrator"})))
                wanted = "allow" if allowed else "403 FORBIDDEN" if believed else "401 UNAUTHENTICATED"
                if said != wanted:
                    found.append((method, roles, issuer, audience, said))
                if allowed and method not in OPEN:
                    context = (what.user_id, what.space_id, what.clearance, what.credential)
                    assert context == (7, 8, 20, "service-key:5")
                tried += 1
    record("I13", "rights matrix: service account, role, audience and method", tries=tried, violations=len(found))
    assert found == []


def test_services_by_name(domain: str) -> None:
    table, found = expected(domain), []
    for method, door in opened(domain).items():
        for service in SERVICES:
            auth = signer(service).service(domain, 7, 8, 20)
            said, what = outcome(door, request_of(domain, method, auth))
            allowed = method in OPEN or service in table[method][1]
            if said != ("allow" if allowed else "403 FORBIDDEN"):
                found.append((method, service, said))
            if allowed and method not in OPEN and (what.user_id, what.space_id, what.clearance) != (7, 8, 20):
                found.append((method, service, "another context"))
    record("I13", "rights matrix: service and method", tries=len(table) * len(SERVICES), violations=len(found))
    assert found == []


def test_nobody_and_strangers(domain: str) -> None:
    """Without an identity, with one for another service, or beside other numbers: 401, also for what the caller could do."""
    other = "train" if domain != "train" else "model"
    for method, door in opened(domain).items():
        if method in OPEN:
            assert outcome(door, request_of(domain, method, None))[0] == "allow"
            continue
        for auth in (None, "", "x.y.z", signer("deploy").service(other, 7, 8, 30)):
            assert outcome(door, request_of(domain, method, auth))[0] == "401 UNAUTHENTICATED", method
        request = request_of(domain, method, None)
        request.base = None
        assert outcome(door, request)[0] == "401 UNAUTHENTICATED"
        for field in ("user_id", "project_space_id"):
            people = expected(domain)[method][0]
            if people:
                request = request_of(domain, method, person(7, 8, ("owner",), 30, administrator=True))
                setattr(request.base, field, 99)
                said, error = outcome(door, request)
                assert (said, error.field) == ("401 UNAUTHENTICATED", "base.auth"), method


def test_a_refusal_says_which_role_is_needed() -> None:
    _, error = outcome(opened("model")["DeleteProject"], request_of("model", "DeleteProject", person(7, 8, ("viewer",), 30)))
    assert (error.code, error.reason) == (403, Reason.FORBIDDEN)
    assert "owner" in error.limit
    assert "DeleteProject" in error.limit
