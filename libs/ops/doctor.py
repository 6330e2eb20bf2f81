"""What stands in the way of a platform on this machine: settings, home, stores, ports, disk, clocks, engines, processes.

One small function per check, in ``CHECKS``; it looks and never changes anything. A finding says how it is and what to do next. A check that
breaks is itself a finding: the others still run.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import resource
import shutil
import socket
import stat
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

import sqlalchemy as sa

from idl import manifest
from libs.common.errors import PlatformError
from libs.common.settings import Settings, load
from libs.common.store import mysql, schema
from libs.common.store.database import embedded, open_engine, service_url
from libs.common.words.messages import sentence
from libs.ops import supervisor

OK, NOTE, WARN, FAIL = "ok", "note", "warn", "fail"
DISK_FAIL, DISK_WARN = 512 << 20, 5 << 30  # bytes free
FILES_WANTED = 4096  # descriptors of one process: a service at its cap of connections
SKEW_SECONDS = 2.0  # between this clock and a store's; a lease is not much longer
CONNECT_SECONDS = 3.0
LOOK_SECONDS = 0.2


class Text(NamedTuple):
    """One sentence in both languages."""

    en: str
    zh: str


NOTHING = Text("", "")


@dataclass(frozen=True)
class Finding:
    """check: the part, as in the table. subject: which one of it. do: what to do next, ``NOTHING`` when that is nothing."""

    check: str
    level: str
    subject: str
    state: Text
    do: Text = NOTHING


Check = Callable[[Settings], Iterable[Finding]]


def examine(checks: Iterable[Check] | None = None) -> list[Finding]:
    """All findings on this machine, in order. Settings first: without them nothing else can be looked at."""
    try:
        settings = load()
    except PlatformError as error:
        do = Text("Correct it in the environment or in the file named by MODELYARD_CONFIG.", "请在环境变量或 MODELYARD_CONFIG 文件中改正。")
        return [Finding("settings", FAIL, str(error.field), Text(sentence(error, "en"), sentence(error, "zh")), do)]
    found = [Finding("settings", OK, "MODELYARD_*", Text("all known, all in range", "均有效"))]
    for check in CHECKS if checks is None else checks:
        found += _guarded(check, settings)
    return found


def _guarded(check: Check, settings: Settings) -> list[Finding]:
    try:
        return list(check(settings))
    except Exception as error:
        said = f"{type(error).__name__}: {error}"[:200]
        do = Text("This check itself broke; report it.", "该检查自身出错，请反馈。")
        return [Finding(check.__name__, FAIL, "doctor", Text(said, said), do)]


# --- this machine


def home(settings: Settings) -> Iterator[Finding]:
    """Ours, writable, and nobody else's to read."""
    path = settings.home_path
    above = _existing(path)
    if not os.access(above, os.W_OK | os.X_OK):
        do = Text(f"Give this user the folder, or set MODELYARD_HOME ({above}).", f"请授权该目录或改设 MODELYARD_HOME（{above}）。")
        yield Finding("home", FAIL, str(path), Text("cannot be written", "不可写"), do)
    elif above != path:
        yield Finding("home", OK, str(path), Text("will be made at the first start", "首次启动时创建"))
    elif (mode := stat.S_IMODE(path.stat().st_mode)) & 0o077:
        do = Text(f"chmod 700 {path}", f"chmod 700 {path}")
        yield Finding(
            "home", WARN, str(path), Text(f"others of this machine can look inside ({mode:o})", f"其他用户可访问（{mode:o}）"), do
        )
    else:
        yield Finding("home", OK, str(path), Text("writable, private", "可写且私有"))


def disk(settings: Settings) -> Iterator[Finding]:
    path = settings.home_path
    free = shutil.disk_usage(_existing(path)).free
    level = FAIL if free < DISK_FAIL else WARN if free < DISK_WARN else OK
    size = f"{free / (1 << 30):.1f} GiB"
    do = (
        NOTHING
        if level == OK
        else Text("Free space, or move MODELYARD_HOME to a larger disk.", "请清理空间，或将 MODELYARD_HOME 移到更大的磁盘。")
    )
    yield Finding("disk", level, str(path), Text(f"{size} free", f"剩余 {size}"), do)


def files(_settings: Settings) -> Iterator[Finding]:
    """A process raises its soft limit by itself; the hard one is the machine's."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    enough = hard == resource.RLIM_INFINITY or hard >= FILES_WANTED
    shown = "∞" if hard == resource.RLIM_INFINITY else str(hard)
    do = (
        NOTHING
        if enough
        else Text(f"Raise the hard limit to {FILES_WANTED} (ulimit -Hn, limits.conf).", f"请将硬限制提高到 {FILES_WANTED}。")
    )
    yield Finding("files", OK if enough else WARN, "RLIMIT_NOFILE", Text(f"{shown} open files a process", f"每进程 {shown} 个文件"), do)


def clock(settings: Settings) -> Iterator[Finding]:
    """Leases compare wall clocks: one that jumps, or that is behind what was written already, ends them early or late."""
    wall, steady = time.time(), time.monotonic()
    time.sleep(LOOK_SECONDS)
    drift = (time.time() - wall) - (time.monotonic() - steady)
    sync = Text("Let one time service (chrony, systemd-timesyncd) keep the clock.", "请使用单一时间同步服务（chrony 等）。")
    if abs(drift) > LOOK_SECONDS / 4:
        yield Finding("clock", WARN, "wall clock", Text(f"jumped by {drift:+.3f} s while looking", f"检查期间跳变 {drift:+.3f} 秒"), sync)
    else:
        yield Finding("clock", OK, "wall clock", Text("runs like the monotonic one", "与单调时钟一致"))
    folder = settings.home_path / "records"
    written = max((path.stat().st_mtime for path in folder.glob("*.db*")), default=0.0) if folder.is_dir() else 0.0
    behind = written - time.time()
    if behind > SKEW_SECONDS:
        yield Finding("clock", FAIL, "records", Text(f"written {behind:.0f} s in the future", f"记录时间超前 {behind:.0f} 秒"), sync)


def ports(settings: Settings) -> Iterator[Finding]:
    """Free, or answered by what `modelyard up` started here."""
    running = supervisor.read_state(settings, starting=True)
    ours = {part["name"] for part in (running or {}).get("parts", []) if part["pid"]}
    places = {
        (part.name, place.hostname or "", place.port or 0)
        for part in supervisor.parts_of(settings)
        for place in map(urlsplit, filter(None, (part.address, part.probe, part.health)))
    }
    taken = sorted((name, port) for name, host, port in places if name not in ours and _answers(host, port))
    for name, port in taken:
        do = Text("Stop the other process, or set another port.", "请停止占用进程或改用其他端口。")
        yield Finding("ports", FAIL, f"{name} {port}", Text("somebody else answers there", "已被其他进程占用"), do)
    if not taken:
        state = Text("ours", "由本平台使用") if ours else Text("free", "空闲")
        yield Finding("ports", OK, f"{len({port for _, _, port in places})}", state)


# --- what it stands on


def stores(settings: Settings) -> Iterator[Finding]:
    """Each service's store answers and has the newest tables."""
    for service in manifest.NAMES:
        yield _store(settings, service)


def _store(settings: Settings, service: str) -> Finding:
    start = Text("Start the platform (modelyard up): it brings the tables up to date.", "请启动平台（modelyard up），将自动升级表结构。")
    if settings.database_url:
        start = Text("Bring the tables up to date: modelyard migrate.", "请升级表结构：modelyard migrate。")
    if not settings.database_url:
        file = settings.home_path / "records" / f"{service}.db"
        if not file.exists():
            return Finding("stores", OK, service, Text("will be made at the first start", "首次启动时创建"))
        url = f"sqlite:///file:{file}?mode=ro&uri=true"
    else:
        url = service_url(settings.database_url, settings.home_path, service)
    try:
        engine = sa.create_engine(url) if embedded(url) else open_engine(url, reads=True)
        with engine.connect() as conn:
            found = [(chain, chain.found(conn)) for chain in schema.chains(service)]
        engine.dispose()
    except Exception as error:  # a driver that is missing, an address that is none, a server that is away
        number = getattr(getattr(error, "orig", None), "args", (0,))[0]
        if number == mysql.NO_DATABASE:
            return Finding("stores", WARN, service, Text("no schema yet", "尚未创建数据库"), start)
        if number in mysql.DENIED:
            name = mysql.parse(url).database
            do = Text(
                f"GRANT {mysql.MIGRATION_RIGHTS} ON `{name}`.* TO this user, then modelyard migrate.",
                f"请为该用户执行 GRANT {mysql.MIGRATION_RIGHTS} ON `{name}`.*，再运行 modelyard migrate。",
            )
            return Finding("stores", FAIL, service, Text("the user may not use this schema", "该用户无权使用此数据库"), do)
        said = f"{type(error).__name__}: {str(getattr(error, 'orig', error)).splitlines()[0]}"[:200]
        do = Text("Start the store, or correct MODELYARD_DATABASE_URL.", "请启动数据库，或改正 MODELYARD_DATABASE_URL。")
        return Finding("stores", FAIL, service, Text(said, said), do)
    return _revisions(service, found, start)


def _revisions(service: str, found: list[tuple[schema.Chain, str | None]], start: Text) -> Finding:
    """found: how far the store came in each chain, its own last."""
    if found[-1][1] is None:
        return Finding("stores", WARN, service, Text("empty", "尚未建表"), start)
    for chain, at in found:
        if at != chain.newest:
            current, newest, newer = chain.told(at), chain.told(chain.newest), at is not None and at > chain.newest
            state = Text(f"revision {current}, this program has {newest}", f"版本 {current}，程序为 {newest}")
            do = Text("This program is older than the store: install the newer one.", "程序旧于数据库，请安装新版本。") if newer else start
            return Finding("stores", FAIL if newer else WARN, service, state, do)
    return Finding("stores", OK, service, Text(f"answers, revision {found[-1][1]}", f"可用，版本 {found[-1][1]}"))


def store_clock(settings: Settings) -> Iterator[Finding]:
    """Only a server has a clock of its own."""
    if not settings.database_url.startswith(("mysql", "mariadb")):
        return
    engine = open_engine(service_url(settings.database_url, settings.home_path, manifest.NAMES[0]), reads=True)
    try:
        with engine.connect() as conn:
            before = time.time()
            theirs = float(conn.execute(sa.text("SELECT UNIX_TIMESTAMP(NOW(6))")).scalar_one())
            skew = theirs - (before + time.time()) / 2
    except sa.exc.SQLAlchemyError:
        return  # said by the check of the stores
    finally:
        engine.dispose()
    good = abs(skew) <= SKEW_SECONDS
    do = NOTHING if good else Text("Let both machines follow one time service.", "请让两台机器使用同一时间源。")
    state = Text(f"{skew:+.3f} s against this machine", f"与本机相差 {skew:+.3f} 秒")
    yield Finding("clock", OK if good else FAIL, "database", state, do)


def coordination(settings: Settings) -> Iterator[Finding]:
    """Every server of the ensemble that is named takes connections."""
    hosts = str(getattr(settings, "zookeeper", "")).partition("/")[0]
    for each in filter(None, hosts.split(",")):
        host, _, port = each.strip().rpartition(":")
        good = _answers(host, int(port) if port.isdigit() else 0)
        do = NOTHING if good else Text("Start it, or correct MODELYARD_ZOOKEEPER.", "请启动该服务，或改正 MODELYARD_ZOOKEEPER。")
        yield Finding("coordination", OK if good else FAIL, each, Text("answers", "可用") if good else Text("no answer", "无应答"), do)


def collector(settings: Settings) -> Iterator[Finding]:
    """Traces that cannot be sent are dropped, nothing else happens: a warning."""
    if not settings.otlp:
        return
    place = urlsplit(settings.otlp)
    subject = f"{place.hostname}:{place.port or 4318}"
    good = _answers(place.hostname or "", place.port or 4318)
    do = NOTHING if good else Text("Start the collector, or unset MODELYARD_OTLP.", "请启动采集器，或取消 MODELYARD_OTLP。")
    yield Finding("traces", OK if good else WARN, subject, Text("answers", "可用") if good else Text("no answer", "无应答"), do)


# --- engines

MODULES = (
    ("torch", "train", Text("training", "训练")),
    ("tokenizers", "train", Text("tokenizers", "分词器")),
    ("safetensors", "train", Text("weights", "权重文件")),
    ("jinja2", "models", Text("checkpoints made elsewhere", "导入检查点")),
    ("onnxruntime", "serve", Text("serving", "推理服务")),
    ("onnx", "export", Text("export", "导出")),
    ("onnxscript", "export", Text("export", "导出")),
    ("selectolax", "data", Text("page cleaning", "网页清洗")),
    ("ahocorasick_rs", "data", Text("forbidden words", "违禁词")),
    ("pyarrow", "data", Text("Parquet files", "Parquet 文件")),
    ("rensa", "data", Text("near-duplicates", "近似去重")),
    ("kazoo", "zookeeper", Text("ZooKeeper", "ZooKeeper 协调")),
    ("opentelemetry.sdk", "otel", Text("traces", "链路追踪")),
)
"""Module, the extra it comes with, what it is for. The first four extras are the chain itself."""
_CHAIN = frozenset({"train", "serve", "export", "data"})
PROGRAMS = (
    ("docker", Text("container nodes", "容器节点")),
    ("kubectl", Text("Kubernetes", "Kubernetes")),
    ("bwrap", Text("sandbox for code of others", "代码沙箱")),
    ("nvidia-smi", Text("GPU", "GPU")),
)


def engines(settings: Settings) -> Iterator[Finding]:
    """Looked up, not imported: importing some of them takes seconds."""
    wanted = {"otel": bool(settings.otlp)}
    wanted["zookeeper"] = bool(getattr(settings, "zookeeper", ""))
    for module, extra, use in MODULES:
        version = _version(module)
        if version:
            yield Finding("engines", OK, f"{module} {version}", use)
            continue
        level = FAIL if wanted.get(extra) else WARN if extra in _CHAIN else NOTE
        do = Text(f"pip install 'modelyard[{extra}]'", f"pip install 'modelyard[{extra}]'")
        yield Finding("engines", level, module, Text(f"not installed: no {use.en}", f"未安装：无法使用{use.zh}"), do)


def programs(_settings: Settings) -> Iterator[Finding]:
    for program, use in PROGRAMS:
        path = shutil.which(program)
        state = Text(f"{use.en}: {path}", f"{use.zh}：{path}") if path else Text(f"not here: no {use.en}", f"未安装：无{use.zh}")
        yield Finding("programs", OK if path else NOTE, program, state)


# --- what runs


def processes(settings: Settings) -> Iterator[Finding]:
    """Alive and ready, as their probes say."""
    if supervisor.read_state(settings, starting=True) is None:
        yield Finding("processes", NOTE, "modelyard up", Text("nothing is running here", "平台未运行"))
        return
    for part in supervisor.parts_of(settings):
        alive = _alive(urljoin(part.probe, "/healthz"))
        log = settings.home_path / "logs" / f"{part.name}.log"
        do = Text(f"Look at {log}.", f"请查看 {log}。")
        if alive and part.ready():
            yield Finding("processes", OK, part.name, Text("ready", "就绪"))
        elif alive:
            yield Finding("processes", FAIL, part.name, Text(f"not ready: {part.probe}", f"未就绪：{part.probe}"), do)
        else:
            yield Finding("processes", FAIL, part.name, Text("not alive, or stuck", "无应答或卡死"), do)


CHECKS: tuple[Check, ...] = (
    home,
    disk,
    files,
    clock,
    stores,
    store_clock,
    coordination,
    collector,
    ports,
    engines,
    programs,
    processes,
)


def _answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=CONNECT_SECONDS).close()
    except (OSError, OverflowError):
        return False
    return True


def _alive(url: str) -> bool:
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=CONNECT_SECONDS) as answer:
            return bool(answer.status == 200)
    except (OSError, ValueError):
        return False


def _version(module: str) -> str:
    try:
        if importlib.util.find_spec(module) is None:
            return ""
    except ModuleNotFoundError:  # the package above it is missing
        return ""
    package = {"opentelemetry.sdk": "opentelemetry-sdk"}.get(module, module)
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "?"


def _existing(path: Path) -> Path:
    """The nearest folder at or above ``path`` that exists."""
    return next(folder for folder in (path, *path.parents) if folder.exists())
