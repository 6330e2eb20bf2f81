"""Settings: where a value comes from, and that every wrong one is refused by the name of its key."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from idl import manifest
from libs.common.errors import PlatformError, Reason
from libs.common.settings import PREFIX, Settings, load

NUMBERS = [(f.name, f.metadata["low"], f.metadata["high"]) for f in fields(Settings) if f.metadata["low"] is not None]
TEXTS = [f.name for f in fields(Settings) if f.type == "str"]


def refusal(environ: dict[str, str]) -> PlatformError:
    with pytest.raises(PlatformError) as caught:
        load(environ)
    assert caught.value.reason == Reason.INVALID_SETTING
    assert caught.value.limit
    return caught.value


def test_environment_over_file_over_defaults(tmp_path: Path) -> None:
    file = tmp_path / "modelyard.toml"
    file.write_text('gateway_port = 8181\nlease_seconds = 3\nhome = "~/里"\n', encoding="utf-8")
    settings = load({"MODELYARD_CONFIG": str(file), "MODELYARD_LEASE_SECONDS": "4.5", "OTHER": "x"})
    assert (settings.gateway_port, settings.lease_seconds, settings.home) == (8181, 4.5, "~/里")
    assert settings.poll_seconds == Settings().poll_seconds
    assert settings.home_path == Path.home() / "里"


def test_unknown_key_names_the_nearest() -> None:
    error = refusal({"MODELYARD_GATEWAY_PROT": "1"})
    assert error.field == "MODELYARD_GATEWAY_PROT"
    assert "MODELYARD_GATEWAY_PORT" in str(error.limit)


@pytest.mark.parametrize(("name", "low", "high"), NUMBERS)
def test_every_number_refuses_text_and_both_sides_of_its_range(name: str, low: float, high: float) -> None:
    for value in ("many", "", "nan", str(low - 1), str(high + 1)):
        assert refusal({PREFIX + name.upper(): value}).field == PREFIX + name.upper()
    for bound in (low, high):
        assert getattr(load({PREFIX + name.upper(): str(bound)}), name) == bound


@pytest.mark.parametrize("line", ["{} = true", "{} = []", "{} = 1979-05-27"])
@pytest.mark.parametrize("name", [f.name for f in fields(Settings)])
def test_every_option_refuses_foreign_types_of_a_file(tmp_path: Path, name: str, line: str) -> None:
    file = tmp_path / "modelyard.toml"
    file.write_text(line.format(name))
    assert refusal({"MODELYARD_CONFIG": str(file)}).field == PREFIX + name.upper()


@pytest.mark.parametrize("name", TEXTS)
def test_every_text_refuses_a_number_of_a_file(tmp_path: Path, name: str) -> None:
    file = tmp_path / "modelyard.toml"
    file.write_text(f"{name} = 5")
    assert refusal({"MODELYARD_CONFIG": str(file)}).field == PREFIX + name.upper()


def test_whole_numbers_refuse_fractions(tmp_path: Path) -> None:
    file = tmp_path / "modelyard.toml"
    file.write_text("gateway_port = 80.5")
    assert refusal({"MODELYARD_CONFIG": str(file)}).field == "MODELYARD_GATEWAY_PORT"


@pytest.mark.parametrize("name", ["host", "home", "log_level"])
def test_a_text_with_a_default_cannot_be_emptied(name: str) -> None:
    """An empty host would listen on every address."""
    assert refusal({PREFIX + name.upper(): ""}).field == PREFIX + name.upper()


def test_log_level_is_one_of_four() -> None:
    assert "WARNING" in str(refusal({"MODELYARD_LOG_LEVEL": "LOUD"}).limit)


@pytest.mark.parametrize("content", [b"x = ", b"\xff\xfe\x00", b"[host]\nx = 1", b"typo = 1"])
def test_a_file_that_is_no_settings_file(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "modelyard.toml"
    file.write_bytes(content)
    assert str(refusal({"MODELYARD_CONFIG": str(file)}).field).startswith(PREFIX)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert refusal({"MODELYARD_CONFIG": str(tmp_path / "no")}).field == "MODELYARD_CONFIG"


def test_no_two_processes_share_a_port() -> None:
    settings = Settings()
    ports = [settings.gateway_port, settings.grpc_health_port("gateway")]
    services = (*manifest.NAMES, *manifest.KEPT)
    for service in services:
        ports += [settings.thrift_port(service), settings.health_port(service), settings.health_port(service, "work")]
        ports += [settings.grpc_health_port(service), settings.grpc_health_port(service, "work")]
    assert len(set(ports)) == len(ports) == 2 + 5 * len(services)
    assert settings.host == "127.0.0.1"
