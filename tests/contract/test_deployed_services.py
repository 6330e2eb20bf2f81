"""The compose file and the Kubernetes base have what the manifest of the platform names, no more and no less: containers, ports, calls.

They are written by hand, for what a container needs is somebody's decision; a service that joins the manifest fails here until it has its
places, and the failure names them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from idl import manifest
from libs.common.settings import load

ROOT = Path(__file__).parents[2]
BASE = ROOT / "deploy" / "k8s" / "base"
COMPOSE = yaml.safe_load((ROOT / "docker" / "compose.yaml").read_text(encoding="utf-8"))["services"]
SETTINGS = load({})
COMPONENT = "app.kubernetes.io/component"


def place(service: str, role: str) -> str:
    """What a process is called where it is deployed."""
    return service if role == "serve" else f"{service}-{role}"


PLACES = {place(service, role): (service, role) for service, role in manifest.processes()}


def documents() -> Iterator[dict[str, Any]]:
    """Of every file the base names."""
    for name in yaml.safe_load((BASE / "kustomization.yaml").read_text(encoding="utf-8"))["resources"]:
        yield from filter(None, yaml.safe_load_all((BASE / name).read_text(encoding="utf-8")))


DEPLOYED = {each["metadata"]["name"]: each["spec"]["template"]["spec"] for each in documents() if each["kind"] == "Deployment"}


def selected(selector: dict[str, Any]) -> set[str]:
    """Of the processes and the gateway, those that a selector means."""
    names = {*PLACES, "gateway"}
    for key, value in selector.get("matchLabels", {}).items():
        names &= {value} if key == COMPONENT else names
    for rule in selector.get("matchExpressions", []):
        assert rule["operator"] == "In"
        names &= set(rule["values"])
    return names


def allowed() -> dict[str, set[str]]:
    """Process -> who may open a connection to its Thrift port."""
    found: dict[str, set[str]] = {}
    for policy in documents():
        if policy["kind"] != "NetworkPolicy":
            continue
        for rule in policy["spec"].get("ingress", []):
            if {"protocol": "TCP", "port": "thrift"} in rule.get("ports", []):
                for target in selected(policy["spec"]["podSelector"]):
                    found.setdefault(target, set()).update(*(selected(peer["podSelector"]) for peer in rule["from"]))
    return found


def wanted(service: str) -> set[str]:
    """By the manifest: the gateway asks every service, a service those it calls, and everybody asks who somebody is."""
    callers = {name for name, (caller, _) in PLACES.items() if service in manifest.BY_NAME[caller].calls or service == "identity"}
    return callers | {"gateway"}


def test_compose_runs_every_process() -> None:
    ours = {name: facts for name, facts in COMPOSE.items() if str(facts.get("command", [""])[-2:][0]).startswith("services.")}
    assert ours.keys() == PLACES.keys()
    for name, (service, role) in PLACES.items():
        assert ours[name]["command"] == ["python", "-m", f"services.{service}", role], name
        if role == "serve":
            assert ours[name]["environment"]["MODELYARD_ADVERTISE"] == name


def test_kubernetes_runs_every_process_on_its_ports() -> None:
    assert DEPLOYED.keys() == {*PLACES, "gateway"}
    for name, (service, role) in PLACES.items():
        [container] = DEPLOYED[name]["containers"]
        assert container["args"] == ["python", "-m", f"services.{service}", role], name
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}
        assert ports["health"] == SETTINGS.health_port(service, role), name
        assert ports["grpc-health"] == SETTINGS.grpc_health_port(service, role), name
        assert ports.get("thrift") == (SETTINGS.thrift_port(service) if role == "serve" else None), name


@pytest.mark.parametrize("service", manifest.NAMES)
def test_the_network_lets_through_who_may_call(service: str) -> None:
    assert allowed()[service] == wanted(service)


def test_records_are_given_to_every_service() -> None:
    patches = yaml.safe_load((BASE / "kustomization.yaml").read_text(encoding="utf-8"))["patches"]
    [named] = [patch["target"]["name"] for patch in patches if patch.get("path") == "patches/records.yaml" and "name" in patch["target"]]
    assert set(named.removeprefix("^(").partition(")")[0].split("|")) == set(manifest.NAMES)
