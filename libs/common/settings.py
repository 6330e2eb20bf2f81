"""Typed settings: environment variables ``MODELYARD_*`` over one optional TOML file over defaults.

An unknown key, a value of the wrong type and a value out of range are errors that name the key; nothing is silently ignored.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from idl import manifest
from libs.common.errors import PlatformError, Reason

PREFIX = "MODELYARD_"
_NO_SETTINGS = ("CONFIG", "FAULT")
"""Read elsewhere: where the file lies, and which fault point a test armed (libs.common.fault)."""
WORKER_PORTS = 10
"""Between the health port of a service and its worker's."""


def _option(
    default: Any, help: str, low: float | None = None, high: float | None = None, choices: tuple[str, ...] = (), secret: bool = False
) -> Any:
    return field(default=default, repr=not secret, metadata={"help": help, "low": low, "high": high, "choices": choices})


@dataclass(frozen=True)
class Settings:
    """All settings of all processes. The key of a field ``x`` is ``MODELYARD_X`` in the environment and ``x`` in the TOML file."""

    home: str = _option("~/.modelyard", "folder of the embedded default: databases, artifacts, run files")
    host: str = _option("127.0.0.1", "address everything listens on; loopback unless told otherwise")
    gateway_port: int = _option(8080, "HTTP port of the gateway", 1, 65535)
    gateway: str = _option("", "address clients use for the gateway; empty: this host at gateway_port")
    thrift_port_base: int = _option(9100, "Thrift ports are this + 1 (model) … + 8 (resource)", 1, 65528)
    health_port_base: int = _option(9300, "HTTP health ports of services are this + 1 … + 8; workers + 11 … + 18", 1, 65518)
    database_url: str = _option("", "empty: one SQLite file per service; else mysql+pymysql://… with {service} in it", secret=True)
    peers: str = _option("", "static discovery, 'model=host:port,…', a service may be named again; empty: everything on this host")
    zookeeper: str = _option("", "'host:port,host:port,…/root' of the ensemble; empty: files of this machine")
    zookeeper_session_seconds: float = _option(4.0, "a killed process leaves every view within this and a tick of the servers", 1, 10)
    advertise: str = _option("", "host under which other machines reach this one; empty: host")
    log_level: str = _option("INFO", "how much is logged", choices=("DEBUG", "INFO", "WARNING", "ERROR"))
    lease_seconds: float = _option(10.0, "a worker silent for this long has lost its task", 0.5, 3600)
    poll_seconds: float = _option(0.5, "how often an idle worker looks for a task", 0.01, 60)
    call_seconds: float = _option(10.0, "deadline of a call that was given none", 0.05, 600)
    status_seconds: float = _option(0.8, "deadline of the composed model status", 0.05, 60)
    gateway_in_flight: int = _option(128, "requests the gateway works on at once; one more is answered 429 BUSY", 1, 100_000)
    gateway_unfinished: int = _option(1024, "requests of which not all has come yet; for one more the oldest of them has to go", 8, 100_000)
    feed_streams: int = _option(32, "change feeds one person may have open at one gateway; one more is answered 429 BUSY", 1, 100_000)
    head_seconds: float = _option(10.0, "how long the headers of a request may take to come", 0.1, 600)
    body_seconds: float = _option(20.0, "how long a body may take to come, and then as long as it brings 8 KiB a second", 0.1, 3600)
    leave_seconds: float = _option(
        1.0, "how long a stopping gateway still takes requests once it is unready: balancers must see it", 0.0, 300
    )
    drain_seconds: float = _option(10.0, "how long a stopping process waits for calls in flight", 0.0, 600)
    restart_seconds: float = _option(10.0, "longest pause before a process that keeps dying is started again", 0.2, 3600)
    engine_threads: int = _option(2, "threads of a training or evaluation child", 1, 1024)
    grpc_health_port_base: int = _option(
        9200, "gRPC health ports: this (gateway), + 1 … + 8 (services), + 11 … + 18 (workers); 0: no gRPC health", 0, 65518
    )
    stall_seconds: float = _option(15.0, "an event loop silent for so long is not alive; a worker's loop: four times as long", 0.2, 3600)
    otlp: str = _option("", "address traces are sent to by OTLP/HTTP, such as http://127.0.0.1:4318; empty: no traces")
    trace_ratio: float = _option(1.0, "share of requests without a traceparent that are traced", 0.0, 1.0)
    believed_seconds: float = _option(30.0, "how long the gateway believes a credential; so long a revoked one may work", 0.5, 60)
    keys: str = _option("", "folder of signing keys (private/, public/); empty: keys under home")
    token: str = _option("", "API key or access token of the command line; empty: what `modelyard sign-in` stored under home")
    space: int = _option(0, "project space of the command line and the SDK; 0: the caller's first", 0, (1 << 63) - 1)
    language: str = _option("", "en or zh, of the command line and the SDK; empty: as the terminal", choices=("", "en", "zh"))
    oidc_issuer: str = _option("", "OpenID provider people may sign in through, exactly as it spells itself; empty: none")
    oidc_client_id: str = _option("", "what the OpenID provider calls this platform")
    oidc_client_secret: str = _option("", "the platform's secret at the OpenID provider; empty: a public client", secret=True)
    oidc_redirect: str = _option("", "address under which browsers reach the gateway, for their way back; empty: gateway")
    outside_hosts: str = _option(
        "", "hosts users may have asked, 'name,*.suffix,address,network'; empty: public ones, and this machine while host is loopback"
    )
    import_root: str = _option(
        "", "holds one folder per project space, named by its id, which is all that space imports from; empty: imports under home"
    )

    upload_bytes: int = _option(4 << 30, "the largest file that may be uploaded", 1, 1 << 50)
    upload_space_bytes: int = _option(
        64 << 30, "declared bytes of all uploads of a project space together, until they are swept", 1, 1 << 50
    )
    upload_hours: float = _option(24.0, "how long an unfinished upload may be silent before it is swept", 0.001, 8760)
    upload_kept_hours: float = _option(168.0, "how long a finished upload waits to be imported before it is swept", 0.001, 8760)

    recipe_preview: str = _option("required", "whether a recipe runs only with the hash of a preview of it: required or optional")
    step_hours: float = _option(168.0, "how long the output of a recipe's step is kept after it was last of use", 0.001, 8760)

    undo_hours: float = _option(
        720.0, "how long a deleted model or dataset can be restored; then the data of a dataset goes for good", 0.001, 87_600
    )

    @property
    def home_path(self) -> Path:
        return Path(self.home).expanduser()

    @property
    def keys_path(self) -> Path:
        return Path(self.keys).expanduser() if self.keys else self.home_path / "keys"

    @property
    def import_path(self) -> Path:
        return Path(self.import_root).expanduser() if self.import_root else self.home_path / "imports"

    @property
    def undo_ms(self) -> int:
        return int(self.undo_hours * 3_600_000)

    @property
    def advertised_host(self) -> str:
        return self.advertise or self.host

    @property
    def gateway_address(self) -> str:
        return self.gateway or f"http://{self.host}:{self.gateway_port}"

    def thrift_port(self, service: str) -> int:
        return self.thrift_port_base + manifest.offset(service)

    def health_port(self, service: str, role: str = "serve") -> int:
        return self.health_port_base + manifest.offset(service) + (0 if role == "serve" else WORKER_PORTS)

    def grpc_health_port(self, service: str, role: str = "serve") -> int:
        """0 where there is none. The gateway's is the base itself."""
        if service == "gateway" or not self.grpc_health_port_base:
            return self.grpc_health_port_base
        return self.grpc_health_port_base + manifest.offset(service) + (0 if role == "serve" else WORKER_PORTS)


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from ``environ`` (default: this process's) and the TOML file named by ``MODELYARD_CONFIG``.

    Raises PlatformError INVALID_SETTING naming the key, what it must be and the nearest known key.
    """
    env = os.environ if environ is None else environ
    values: dict[str, Any] = _toml(env[PREFIX + "CONFIG"]) if env.get(PREFIX + "CONFIG") else {}
    for key, text in env.items():
        if key.startswith(PREFIX) and key.removeprefix(PREFIX) not in _NO_SETTINGS:
            values[key.removeprefix(PREFIX).lower()] = text
    known = {f.name: f for f in fields(Settings)}
    for name in values:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            raise _wrong(name, "a known setting" + (f"; did you mean {PREFIX}{near[0].upper()}?" if near else ""))
    return Settings(**{name: _typed(name, value, known[name]) for name, value in values.items()})


def _toml(path: str) -> dict[str, Any]:
    try:
        with Path(path).open("rb") as handle:
            return tomllib.load(handle)
    except (OSError, ValueError) as error:  # ValueError: not TOML, not UTF-8, not a path
        raise _wrong("config", f"a readable TOML file ({error})") from None


def _typed(name: str, value: Any, option: Any) -> Any:
    kind = {"int": int, "float": float, "str": str}[option.type]
    try:
        if isinstance(value, bool) or (kind is int and isinstance(value, float)) or (kind is str and not isinstance(value, str)):
            raise ValueError
        typed = kind(value)
    except (TypeError, ValueError):
        raise _wrong(name, f"a value of type {option.type}, not {value!r}") from None
    low, high = option.metadata["low"], option.metadata["high"]
    if low is not None and not low <= typed <= high:
        raise _wrong(name, f"between {low} and {high}, not {typed}")
    if option.metadata["choices"] and typed not in option.metadata["choices"]:
        raise _wrong(name, f"one of {', '.join(option.metadata['choices'])}, not {typed!r}")
    if option.default and typed == "":  # an empty host would listen everywhere, an empty home would be wherever the process started
        raise _wrong(name, "not empty")
    return typed


def _wrong(name: str, limit: str) -> PlatformError:
    return PlatformError(500, Reason.INVALID_SETTING, field=PREFIX + name.upper(), limit=limit)
