"""The compose files: every container has bounds, comes back, and the stores have what docs/operations/mysql.md demands of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]


def services(*files: str) -> dict[str, dict[str, Any]]:
    """As compose merges them: a later file adds to what an earlier one says of a service."""
    found: dict[str, dict[str, Any]] = {}
    for file in files:
        for name, service in yaml.safe_load((ROOT / "docker" / file).read_text())["services"].items():
            found[name] = {**found.get(name, {}), **service}
    return found


ALL = services("compose.yaml", "compose.stores.yaml")


def test_every_container_has_bounds_and_keeps_little_of_its_log() -> None:
    assert len(ALL) == 16
    for name, service in ALL.items():
        assert re.fullmatch(r"\d+g|\$\{MODELYARD_\w+:-\d+g\}", service["mem_limit"]), name
        assert service["pids_limit"] > 0, name
        assert service["logging"]["options"].keys() == {"max-size", "max-file"}, name
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"]), name


def test_everything_but_the_migrations_comes_back() -> None:
    assert {name for name, service in ALL.items() if service.get("restart") != "unless-stopped"} == {"migrate"}


def test_the_store_has_what_the_document_demands() -> None:
    demanded = dict(re.findall(r"^\| `(\w+)` \| (\S+)", (ROOT / "docs" / "operations" / "mysql.md").read_text(), re.MULTILINE))
    given = dict(word.removeprefix("--").split("=") for word in ALL["mariadb"]["command"])
    assert given["max-allowed-packet"] == demanded["max_allowed_packet"] == "64M"
    assert given["binlog-format"] == demanded["binlog_format"] == "ROW"
    assert int(given["max-connections"]) >= 500
    assert '"$@"' in (ROOT / "docker" / "test" / "mariadb-start").read_text(), "our own image hands them on"


def test_who_drains_is_not_killed() -> None:
    for name, service in ALL.items():
        if name not in ("migrate", "zookeeper"):
            assert int(service["stop_grace_period"].removesuffix("s")) > 2 * 10, name
