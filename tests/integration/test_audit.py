"""``modelyard audit`` of a running platform, once per flavour: it sees every service's records and finds nothing wrong."""

from __future__ import annotations

import json

from tests.support.platform import Platform

OPTIONS = {"options": {"modules": ["json"]}}


def test_a_platform_at_work_is_clean(platform: Platform) -> None:
    with platform.client() as client:
        data = client.datasets.create("audited")
        made = client.datasets.create_task(data["id"], "Importing", "Pydoc_Import", "import", config=OPTIONS)
        assert client.datasets.wait(made["dataset_task"]["id"], seconds=60)["status"] == "SUCCEEDED"
        model = client.models.create("audited")
        client.models.create_version(model["id"])
        client.keys.create("audited")
    done = platform.run("audit", "--json", "--lease", "60", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    shown = json.loads(done.stdout)
    assert shown["violations"] == []
    seen = {(row["invariant"], row["what"]): row["count"] for row in shown["looked"]}
    assert {what for invariant, what in seen if invariant == "services"} >= {"dataset", "model", "train", "eval", "deploy", "identity"}
    for what in (("I2", "acknowledged objects"), ("I2", "acknowledged rows of the trail"), ("I5", "histories"), ("I6", "artifacts")):
        assert seen[what] > 0, what
    assert seen["I13", "spaces with an owner"] > 0
