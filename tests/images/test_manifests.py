"""The Kubernetes manifests, rendered as they would be applied: schemas, and what the house asks of every object. No cluster is asked."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import fields
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml

from idl import manifest as platform
from libs.common.identity.keys import ISSUERS
from libs.common.settings import PREFIX, Settings, load
from tests.images.httproute import HTTP_ROUTE
from tests.needs import in_ci

ROOT = Path(__file__).parents[2]
OVERLAYS = ("dev", "prod")  # whole platforms; gray is doors beside one of them: test_gray.py
KUBERNETES = ("1.33", "1.37")  # the oldest and the newest the manifests are for

PUBLIC = {("Exact", "/"), ("PathPrefix", "/api"), ("PathPrefix", "/v1"), ("PathPrefix", "/console")}
MONITORING = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}
Manifest = dict[str, Any]


def render(overlay: str | Path) -> list[Manifest]:
    folder = ROOT / "deploy" / "k8s" / "overlays" / overlay
    done = subprocess.run(["kubectl", "kustomize", str(folder)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return [manifest for manifest in yaml.safe_load_all(done.stdout) if manifest]


@pytest.fixture(scope="module", params=OVERLAYS)
def manifests(request: pytest.FixtureRequest) -> list[Manifest]:
    need_kubectl()
    return render(request.param)


def need_kubectl() -> None:
    if shutil.which("kubectl") is None:
        assert not in_ci(), "CI needs the program kubectl"
        pytest.skip("needs the program kubectl")


def of_kind(manifests: list[Manifest], *kinds: str) -> dict[str, Manifest]:
    return {manifest["metadata"]["name"]: manifest for manifest in manifests if manifest["kind"] in kinds}


def pods(manifests: list[Manifest]) -> Iterator[tuple[str, Manifest]]:
    """(name, pod spec) of everything that runs."""
    for name, manifest in of_kind(manifests, "Deployment", "Job").items():
        yield name, manifest["spec"]["template"]["spec"]


def paths_of(route: Manifest) -> set[tuple[str, str]]:
    return {(m["path"]["type"], m["path"]["value"]) for rule in route["spec"]["rules"] for m in rule["matches"]}


def selects(selector: Manifest, labels: dict[str, str]) -> bool:
    """Whether a label selector matches, as Kubernetes defines it."""
    for key, value in selector.get("matchLabels", {}).items():
        if labels.get(key) != value:
            return False
    for rule in selector.get("matchExpressions", []):
        found, values = labels.get(rule["key"]), rule.get("values", [])
        if rule["operator"] == "In" and found not in values:
            return False
        if rule["operator"] == "NotIn" and found in values:
            return False
        assert rule["operator"] in ("In", "NotIn")
    return True


def labels_of(manifest: Manifest) -> dict[str, str]:
    return dict(manifest["spec"]["template"]["metadata"]["labels"])


def ingress(manifests: list[Manifest], target: dict[str, str]) -> Iterator[tuple[Manifest, Any]]:
    """Every (from selector or {} for anybody, port) that may reach pods with these labels."""
    for policy in of_kind(manifests, "NetworkPolicy").values():
        spec = policy["spec"]
        if "Ingress" in spec["policyTypes"] and selects(spec["podSelector"], target):
            for rule in spec.get("ingress", []):
                for port in rule.get("ports", [{"port": "any"}]):
                    for peer in rule.get("from", [{}]):
                        yield peer, port["port"]


@pytest.mark.parametrize("version", KUBERNETES)
def test_every_object_has_its_schema(manifests: list[Manifest], version: str) -> None:
    for manifest in manifests:
        if manifest["apiVersion"].startswith("gateway.networking.k8s.io/"):
            jsonschema.Draft202012Validator(HTTP_ROUTE).validate(manifest)
        else:
            kubernetes_validate.validate(manifest, version, strict=True)


def test_a_slip_of_the_pen_is_found(manifests: list[Manifest]) -> None:
    """The two validators can say no."""
    deployment = deepcopy(of_kind(manifests, "Deployment")["model"])
    deployment["spec"]["template"]["spec"]["containers"][0]["readynessProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(deployment, KUBERNETES[0], strict=True)
    route = deepcopy(of_kind(manifests, "HTTPRoute")["gateway"])
    route["spec"]["rules"][0]["backendRefs"][0]["wieght"] = 5
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(HTTP_ROUTE).validate(route)


def test_the_namespace_enforces_what_the_pods_promise(manifests: list[Manifest]) -> None:
    [namespace] = of_kind(manifests, "Namespace").values()
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    assert {m["metadata"].get("namespace", namespace["metadata"]["name"]) for m in manifests} == {namespace["metadata"]["name"]}


def test_nothing_runs_with_more_than_it_needs(manifests: list[Manifest]) -> None:
    seen = 0
    for name, pod in pods(manifests):
        assert pod["automountServiceAccountToken"] is False, name
        assert pod["enableServiceLinks"] is False, name  # MODELYARD_… variables of Kubernetes' own would be unknown settings
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["runAsUser"] == 10001, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys(), name
        assert not any("hostPath" in volume for volume in pod["volumes"]), name
        for container in [*pod["containers"], *pod.get("initContainers", [])]:
            seen += 1
            rights = container["securityContext"]
            assert rights["readOnlyRootFilesystem"] is True, name
            assert rights["allowPrivilegeEscalation"] is False, name
            assert rights["capabilities"] == {"drop": ["ALL"]}, name
            assert "privileged" not in rights, name
            for kind in ("requests", "limits"):
                assert {"cpu", "memory"} <= container["resources"][kind].keys(), (name, kind)
    assert seen == len(platform.processes()) + 2, "and the gateway, and what migrates"


def test_no_service_account_may_anything(manifests: list[Manifest]) -> None:
    accounts = of_kind(manifests, "ServiceAccount")
    assert {pod["serviceAccountName"] for _, pod in pods(manifests)} == set(accounts)
    assert all(account["automountServiceAccountToken"] is False for account in accounts.values())
    assert not of_kind(manifests, "Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding")


def test_every_process_is_probed_where_it_answers(manifests: list[Manifest]) -> None:
    settings = load({})
    for name, deployment in of_kind(manifests, "Deployment").items():
        [container] = deployment["spec"]["template"]["spec"]["containers"]
        service, _, role = name.partition("-")
        number = settings.grpc_health_port(service, role or "serve")
        probes = {kind: container[kind + "Probe"]["grpc"] for kind in ("startup", "liveness", "readiness")}
        assert probes == {kind: {"port": number, "service": kind} for kind in probes}, name
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}
        assert ports["grpc-health"] == number, name
        if service in platform.NAMES:
            assert ports["health"] == settings.health_port(service, role or "serve"), name
            assert role or ports["thrift"] == settings.thrift_port(service), name
        assert container["args"] == (
            ["python", "-m", "gateway"] if service == "gateway" else ["python", "-m", f"services.{service}", role or "serve"]
        )


def test_a_service_answers_on_the_port_of_its_process(manifests: list[Manifest]) -> None:
    deployments = of_kind(manifests, "Deployment")
    for name, service in of_kind(manifests, "Service").items():
        assert service["spec"].get("type", "ClusterIP") == "ClusterIP", name
        assert selects({"matchLabels": service["spec"]["selector"]}, labels_of(deployments[name])), name
        ports = {port["name"]: port["containerPort"] for port in deployments[name]["spec"]["template"]["spec"]["containers"][0]["ports"]}
        for port in service["spec"]["ports"]:
            assert ports[port["targetPort"]] == port["port"], name


def test_a_disruption_takes_one_pod_and_growth_has_a_bound(manifests: list[Manifest]) -> None:
    deployments = of_kind(manifests, "Deployment")
    budgets, scalers = of_kind(manifests, "PodDisruptionBudget"), of_kind(manifests, "HorizontalPodAutoscaler")
    for name, deployment in deployments.items():
        assert selects(budgets[name]["spec"]["selector"], labels_of(deployment)), name
        assert budgets[name]["spec"]["maxUnavailable"] == 1, name
        if name == "deploy-work":  # one node per home
            assert (deployment["spec"]["replicas"], deployment["spec"]["strategy"]) == (1, {"type": "Recreate"})
            assert name not in scalers
        else:
            assert "replicas" not in deployment["spec"], f"{name}: it would fight its autoscaler"
            assert 1 <= scalers[name]["spec"]["minReplicas"] <= scalers[name]["spec"]["maxReplicas"], name
            assert scalers[name]["spec"]["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
    assert budgets.keys() == deployments.keys()


def test_who_drains_is_not_killed(manifests: list[Manifest]) -> None:
    drain = float(of_kind(manifests, "ConfigMap")["settings"]["data"]["MODELYARD_DRAIN_SECONDS"])
    leaves = getattr(Settings(), "leave_seconds", 0.0)
    for name, pod in pods(manifests):
        [container] = pod["containers"]
        before = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
        # the deploy worker drains its serving processes, then itself
        assert pod["terminationGracePeriodSeconds"] > before + leaves + 2 * drain, name
        assert (before > 0) == (name == "gateway"), f"{name}: only the public door stands behind a balancer"


def test_workers_grow_with_the_queue_and_doors_with_their_load(manifests: list[Manifest]) -> None:
    adapter = yaml.safe_load((ROOT / "deploy" / "k8s" / "metrics" / "prometheus-adapter.yaml").read_text())
    offered = {rule["name"]["as"] for rule in adapter["rules"]["external"]}
    for name, scaler in of_kind(manifests, "HorizontalPodAutoscaler").items():
        [metric] = scaler["spec"]["metrics"]
        assert metric["type"] == ("External" if name.endswith("-work") else "Resource"), name
        if name.endswith("-work"):
            asked = metric["external"]["metric"]
            assert asked["name"] in offered
            assert asked["selector"] == {"matchLabels": {"process": name.replace("-work", "-serve")}}
            assert scaler["spec"]["behavior"]["scaleDown"]["policies"] == [{"type": "Pods", "value": 1, "periodSeconds": 300}]


def test_from_outside_only_the_gateway_is_reached(manifests: list[Manifest]) -> None:
    running = of_kind(manifests, "Deployment", "Job")
    policies = of_kind(manifests, "NetworkPolicy").values()
    deny = [p["spec"] for p in policies if p["spec"]["podSelector"] == {} and "ingress" not in p["spec"] and "egress" not in p["spec"]]
    assert {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]} in deny
    for name, manifest in running.items():
        for peer, port in ingress(manifests, labels_of(manifest)):
            if peer.keys() == {"podSelector"}:  # of this namespace
                continue
            if peer == MONITORING:
                assert port in ("health", "http"), name
                continue
            assert (name, peer, port) == ("gateway", {}, "http")
    [route] = of_kind(manifests, "HTTPRoute").values()
    assert {ref["name"] for rule in route["spec"]["rules"] for ref in rule["backendRefs"]} == {"gateway"}
    # Named one by one: /metrics, /readyz and /healthz are for those inside, however their letters are written.
    assert paths_of(route) == PUBLIC
    assert not of_kind(manifests, "Ingress")


def test_calls_go_to_the_right_only(manifests: list[Manifest]) -> None:
    """gateway → app → deploy → eval → train → {model, dataset} → resource: no other pod may open a connection."""
    running = of_kind(manifests, "Deployment", "Job")
    order = ["gateway", "app", "deploy", "eval", "train", "dataset", "resource"]
    level = {**{name: order.index(name) for name in order}, "model": order.index("dataset")}
    rank = {name: level.get(name.removesuffix("-work"), len(order)) for name in running}
    found = {
        (caller, target)
        for target in running
        for peer, _ in ingress(manifests, labels_of(running[target]))
        for caller in running
        if "podSelector" in peer and selects(peer["podSelector"], labels_of(running[caller])) and target != "identity"
    }
    backwards = {(caller, target) for caller, target in found if rank[caller] >= rank[target]}
    assert backwards == {("eval-work", "deploy-work")}  # it asks the serving processes that live there, never the service
    assert {("gateway", "model"), ("train-work", "dataset"), ("deploy", "eval"), ("gateway", "deploy-work")} <= found


def test_settings_are_settings(manifests: list[Manifest]) -> None:
    known = {field.name for field in fields(Settings)}
    data = of_kind(manifests, "ConfigMap")["settings"]["data"]
    given = {**data, **{e["name"]: "" for _, pod in pods(manifests) for c in pod["containers"] for e in c["env"]}}
    names = {key.removeprefix(PREFIX).lower() for key in given}
    assert names <= known
    load(data)  # values, too


def test_a_process_holds_the_key_it_signs_with_and_no_other(manifests: list[Manifest]) -> None:
    folder = Path(of_kind(manifests, "ConfigMap")["settings"]["data"]["MODELYARD_KEYS"])
    for name, pod in pods(manifests):
        [container] = pod["containers"]
        held = {volume["secret"]["secretName"]: volume for volume in pod["volumes"] if "secret" in volume}
        service = name.removesuffix("-work")
        assert held.keys() == ({"public-keys"} if name == "migrate" else {"public-keys", f"signing-key-{service}"}), name
        assert name == "migrate" or service in ISSUERS
        mounts = {mount["name"]: mount for mount in container["volumeMounts"]}
        for secret, part in {"public-keys": "public", **({} if name == "migrate" else {f"signing-key-{service}": "private"})}.items():
            assert held[secret]["secret"]["defaultMode"] == 0o440, name  # root's, read through fsGroup: the key folder asks for that
            mount = mounts[held[secret]["name"]]
            assert (mount["mountPath"], mount["readOnly"]) == (str(folder / part), True), name


def test_who_keeps_no_records_holds_no_password_of_the_store(manifests: list[Manifest]) -> None:
    for name, pod in pods(manifests):
        told = {variable["name"] for container in pod["containers"] for variable in container["env"]}
        assert ("MODELYARD_DATABASE_URL" in told) == (name != "gateway"), name
    policies = of_kind(manifests, "NetworkPolicy").values()
    reached = {
        (name, port["port"])
        for name, manifest in of_kind(manifests, "Deployment", "Job").items()
        for policy in policies
        if selects(policy["spec"]["podSelector"], labels_of(manifest))
        for rule in policy["spec"].get("egress", [])
        for port in rule.get("ports", [])
    }
    assert {("gateway", 2181), ("gateway", 4318), ("deploy-work", 4318), ("gateway", 53)} <= reached
    assert ("gateway", 3306) not in reached
    assert {("migrate", 3306), ("identity", 3306), ("deploy-work", 3306)} <= reached


def test_every_pod_may_ask_the_name_service_also_a_cache_on_its_node(manifests: list[Manifest]) -> None:
    cache = {"ipBlock": {"cidr": "169.254.20.10/32"}}
    for name, manifest in of_kind(manifests, "Deployment", "Job").items():
        mine = [p["spec"] for p in of_kind(manifests, "NetworkPolicy").values() if selects(p["spec"]["podSelector"], labels_of(manifest))]
        rules = [rule for spec in mine for rule in spec.get("egress", []) if cache in rule.get("to", [])]
        assert {(port["protocol"], port["port"]) for rule in rules for port in rule["ports"]} == {("UDP", 53), ("TCP", 53)}, name
        assert any("namespaceSelector" in peer for rule in rules for peer in rule["to"]), f"{name}: the cluster's own as well"


def test_secrets_are_named_never_told(manifests: list[Manifest]) -> None:
    assert not of_kind(manifests, "Secret")
    for name, pod in pods(manifests):
        for container in pod["containers"]:
            for variable in container["env"]:
                if variable["name"] in ("MODELYARD_DATABASE_URL", "MODELYARD_TOKEN"):
                    assert variable["valueFrom"].keys() == {"secretKeyRef"}, name
    text = yaml.safe_dump(of_kind(manifests, "ConfigMap"))
    assert "password" not in text.lower()
    assert "://" not in text  # an address with a scheme may carry one


def test_what_goes_first_is_what_the_migrations_need(manifests: list[Manifest]) -> None:
    """`kubectl apply -l modelyard.io/first=yes`, then wait for the Job: everything it names is there by then, and no process runs."""
    first = [manifest for manifest in manifests if manifest["metadata"]["labels"].get("modelyard.io/first") == "yes"]
    assert {manifest["kind"] for manifest in first} == {
        "Namespace", "ConfigMap", "PersistentVolumeClaim", "NetworkPolicy", "ServiceAccount", "Job"
    }  # fmt: skip
    assert of_kind(first, "ServiceAccount").keys() == of_kind(first, "Job").keys() == {"migrate"}
    assert of_kind(first, "NetworkPolicy").keys() == of_kind(manifests, "NetworkPolicy").keys()


def test_the_commands_of_the_document_are_complete() -> None:
    """Each names its namespace, every file it names is there, and every secret that the manifests ask for is made by one."""
    need_kubectl()
    document = (ROOT / "docs" / "operations" / "kubernetes.md").read_text()
    commands = [line.strip() for block in document.split("```")[1::2] for line in block.splitlines() if "kubectl " in line]
    assert len(commands) >= 12
    for command in commands:
        if not command.startswith(("kubectl apply", "kubectl kustomize")):
            assert command.startswith("kubectl -n modelyard "), command
    for path in re.findall(r"deploy/k8s/[\w./-]+", " ".join(commands)):
        assert (ROOT / path).exists(), path
    asked = set(re.findall(r"secretName: (\S+)|secretKeyRef:\n\s+key: url\n\s+name: (\S+)", yaml.safe_dump_all(render("prod"))))
    for secret in {first or second for first, second in asked}:
        made = re.sub(r"^signing-key-.*", "signing-key-$s", secret)
        assert any(f"create secret generic {made} " in command for command in commands), secret


def test_images_are_set_by_the_overlay(manifests: list[Manifest], request: pytest.FixtureRequest) -> None:
    images = {container["image"] for _, pod in pods(manifests) for container in pod["containers"]}
    [image] = images
    overlay = request.node.callspec.params["manifests"]
    assert image == "modelyard/services:dev" if overlay == "dev" else "@sha256:" in image
