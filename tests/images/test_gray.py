"""The gray overlay is a canary of production: more doors to the same platform with a share of its traffic, never a second platform."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml

from tests.images.httproute import HTTP_ROUTE
from tests.images.test_manifests import (
    KUBERNETES,
    PUBLIC,
    ROOT,
    Manifest,
    ingress,
    labels_of,
    need_kubectl,
    of_kind,
    paths_of,
    pods,
    render,
    selects,
)

DOORS = {"gateway", "identity", "resource", "model", "dataset", "train", "eval", "deploy", "app"}


@pytest.fixture(scope="module")
def prod() -> list[Manifest]:
    need_kubectl()
    return render("prod")


@pytest.fixture(scope="module")
def gray(prod: list[Manifest]) -> list[Manifest]:
    return render("gray")


@pytest.mark.parametrize("version", KUBERNETES)
def test_every_object_has_its_schema(gray: list[Manifest], version: str) -> None:
    for manifest in gray:
        if manifest["kind"] == "HTTPRoute":
            jsonschema.Draft202012Validator(HTTP_ROUTE).validate(manifest)
        else:
            kubernetes_validate.validate(manifest, version, strict=True)


def test_it_has_doors_and_the_next_migrations_and_nothing_of_a_platform_of_its_own(gray: list[Manifest], prod: list[Manifest]) -> None:
    assert {m["kind"] for m in gray} == {"Deployment", "Service", "Job", "HTTPRoute"}
    assert of_kind(gray, "Deployment").keys() == {f"{door}-gray" for door in DOORS}  # no worker: one queue, one leader, as before
    assert of_kind(gray, "Job").keys() == {"migrate-gray"}
    assert of_kind(gray, "Service").keys() == {"gateway-gray"}
    named = {(m["kind"], m["metadata"]["namespace"], m["metadata"]["name"]) for m in prod if m["kind"] != "Namespace"}
    assert {(m["kind"], m["metadata"]["namespace"], m["metadata"]["name"]) for m in gray} & named == {("HTTPRoute", "modelyard", "gateway")}


def test_it_stands_on_productions_settings_secrets_volume_and_accounts(gray: list[Manifest], prod: list[Manifest]) -> None:
    theirs = dict(pods(prod))
    for name, pod in pods(gray):
        other = theirs[name.removesuffix("-gray")]
        for part in ("serviceAccountName", "volumes", "securityContext", "terminationGracePeriodSeconds"):
            assert pod[part] == other[part], (name, part)
        mine, stable = pod["containers"][0], other["containers"][0]
        assert {**mine, "image": ""} == {**stable, "image": ""}, name
    assert all(deployment["spec"]["replicas"] == 1 for deployment in of_kind(gray, "Deployment").values())


def test_every_pod_belongs_to_one_of_them(gray: list[Manifest], prod: list[Manifest]) -> None:
    ours, theirs = of_kind(gray, "Deployment"), of_kind(prod, "Deployment")
    for mine, other in ((ours, theirs), (theirs, ours)):
        for name, deployment in mine.items():
            assert selects(deployment["spec"]["selector"], labels_of(deployment)), name
            assert not [n for n, o in other.items() if selects(deployment["spec"]["selector"], labels_of(o))], name
    for budget in of_kind(prod, "PodDisruptionBudget").values():
        assert not [name for name, deployment in ours.items() if selects(budget["spec"]["selector"], labels_of(deployment))]
    services = {**of_kind(prod, "Service"), **of_kind(gray, "Service")}
    for service, counted in (("gateway", theirs["gateway"]), ("gateway-gray", ours["gateway-gray"])):
        matching = [
            d for d in (*ours.values(), *theirs.values()) if selects({"matchLabels": services[service]["spec"]["selector"]}, labels_of(d))
        ]
        assert matching == [counted]


def test_it_may_talk_to_whom_its_like_may(gray: list[Manifest], prod: list[Manifest]) -> None:
    policies = list(of_kind(prod, "NetworkPolicy").values())
    theirs = of_kind(prod, "Deployment")
    for name, deployment in of_kind(gray, "Deployment").items():
        like = labels_of(theirs[name.removesuffix("-gray")])
        for policy in policies:
            assert selects(policy["spec"]["podSelector"], labels_of(deployment)) == selects(policy["spec"]["podSelector"], like), name
        assert list(ingress(prod, labels_of(deployment))) == list(ingress(prod, like))


def test_the_share_is_a_weight_and_the_header_is_all(gray: list[Manifest], prod: list[Manifest]) -> None:
    [route] = of_kind(gray, "HTTPRoute").values()
    [stable] = of_kind(prod, "HTTPRoute").values()
    for part in ("parentRefs", "hostnames"):
        assert route["spec"][part] == stable["spec"][part]
    assert paths_of(route) == PUBLIC
    shared, named = route["spec"]["rules"]
    weights = {ref["name"]: ref["weight"] for ref in shared["backendRefs"]}
    assert weights.keys() == {"gateway", "gateway-gray"}
    assert sum(weights.values()) == 100
    assert 0 < weights["gateway-gray"] < 50
    assert [ref["name"] for ref in named["backendRefs"]] == ["gateway-gray"]
    header: list[dict[str, Any]] = [{"type": "Exact", "name": "x-traffic-env", "value": "gray"}]
    assert all(match["headers"] == header for match in named["matches"])
    assert not any("headers" in match for match in shared["matches"])


def test_stores_outside_the_cluster_are_a_component(prod: list[Manifest], tmp_path: Path) -> None:
    """Put into an overlay it opens the ways to them, each to those who need it."""
    there = os.path.relpath(ROOT / "deploy" / "k8s", tmp_path)
    overlay = {"resources": [f"{there}/overlays/prod"], "components": [f"{there}/components/outside"], "namespace": "modelyard"}
    (tmp_path / "kustomization.yaml").write_text(yaml.safe_dump(overlay))
    manifests = render(tmp_path)
    added = {name: policy for name, policy in of_kind(manifests, "NetworkPolicy").items() if name not in of_kind(prod, "NetworkPolicy")}
    running = of_kind(manifests, "Deployment", "Job")
    may = {
        (name, rule["ports"][0]["port"])
        for name, deployment in running.items()
        for policy in added.values()
        if selects(policy["spec"]["podSelector"], labels_of(deployment))
        for rule in policy["spec"]["egress"]
    }
    assert {("model", 3306), ("migrate", 3306), ("gateway", 443), ("eval-work", 443), ("gateway", 2181), ("train-work", 4318)} <= may
    assert ("gateway", 3306) not in may
    assert {name for name, port in may if port == 443} == {"gateway", "eval-work"}
    for manifest in added.values():
        kubernetes_validate.validate(manifest, KUBERNETES[0], strict=True)
        for rule in manifest["spec"]["egress"]:
            assert all(peer["ipBlock"]["cidr"].startswith("192.0.2.") for peer in rule["to"]), "an address of documentation reaches nobody"
