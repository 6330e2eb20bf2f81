"""Backup and restore on both stores: one moment while others write, whole again in either store, and nothing believed on the way."""

from __future__ import annotations

import importlib
import io
import json
import os
import stat
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from libs.common.errors import PlatformError, Reason
from libs.common.identity.keys import KeyFolder
from libs.common.settings import Settings
from libs.common.store import schema
from libs.common.store.database import open_engine, service_url
from libs.common.store.storage import ArtifactStore
from libs.ops import backup
from libs.ops.backup import archive
from tests.contract.test_direction import ROOT
from tests.support.stores import migrate
from tests.unit.mysql.test_seed import OWNER as SEED_OWNER
from tests.unit.mysql.test_seed import ROWS

SERVICES = ("app", "deploy", "eval", "train", "model", "dataset", "resource", "identity")
NAME = "问答 🙂 \u2028 'x' \\ "
Make = Callable[[str, str], Settings]


@pytest.fixture
def make(tmp_path: Path, request: pytest.FixtureRequest) -> Make:
    """Settings of a place named so, on a store of that kind, with nothing in it."""
    count = iter(range(9))

    def made(store: str, name: str) -> Settings:
        url = ""
        if store == "mysql":
            url = request.getfixturevalue("mysql_address").replace("_{service}", f"_{next(count)}_{{service}}")
        return Settings(home=str(tmp_path / name), database_url=url)

    return made


def metadata(service: str) -> sa.MetaData:
    found: sa.MetaData = importlib.import_module(f"services.{service}.repository").METADATA
    return found


def url(settings: Settings, service: str) -> str:
    return service_url(settings.database_url, settings.home_path, service)


def run(settings: Settings, service: str, statement: str, **facts: Any) -> list[Any]:
    engine = open_engine(url(settings, service), reads=True)
    try:
        with engine.connect() as conn:
            found = conn.execute(sa.text(statement), facts)
            return [tuple(row) for row in found] if found.returns_rows else []
    finally:
        engine.dispose()


def fill(settings: Settings) -> str:
    """Tables of every service, rows of the seed, an artifact, keys. Returns the artifact's address."""
    for service in SERVICES:
        migrate(settings.home_path, service, metadata(service), settings.database_url)
    for table, row in ROWS.items():
        row = {**row, "name": NAME}
        names = ", ".join(f"`{name}`" for name in row)
        run(settings, SEED_OWNER[table], f"INSERT INTO {table} ({names}) VALUES ({', '.join(':' + name for name in row)})", **row)
    folder = settings.home_path / "some"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "weights.bin").write_bytes(os.urandom(3_000_000))
    address, _ = ArtifactStore(settings.home_path / "artifacts").publish(folder)
    keys = KeyFolder(settings.keys_path)
    for issuer in ("model", "gateway"):
        keys.private(issuer)
    return address


def everything(settings: Settings) -> dict[str, list[Any]]:
    return {
        f"{service}.{name}": sorted(run(settings, service, f"SELECT {', '.join(f'`{c.name}`' for c in table.columns)} FROM {name}"))
        for service in SERVICES
        for name, table in metadata(service).tables.items()
    }


@pytest.mark.parametrize(("source", "target"), [("sqlite", "sqlite"), ("sqlite", "mysql"), ("mysql", "sqlite"), ("mysql", "mysql")])
def test_what_was_backed_up_is_there_again(source: str, target: str, make: Make, tmp_path: Path) -> None:
    there, here, file = make(source, "there"), make(target, "here"), tmp_path / "b.tar"
    address = fill(there)
    taken = backup.take(there, file)
    assert (taken.artifacts, taken.keys, taken.damaged) == (1, 4, [])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600, "it holds keys"
    assert backup.check(file)["moment"] == taken.moment
    done = backup.restore(here, file)
    assert (done.records, done.artifacts, done.keys) == (taken.records, 1, 4)
    assert done.records >= len(ROWS)
    assert {name: rows for name, rows in everything(here).items() if rows} == {n: rows for n, rows in everything(there).items() if rows}
    assert run(here, "dataset", "SELECT name FROM dataset") == [(NAME,)]
    stored = ArtifactStore(here.home_path / "artifacts").open(address)
    assert (stored / "deep" / "weights.bin").read_bytes() == (there.home_path / "some" / "deep" / "weights.bin").read_bytes()
    for issuer in ("model", "gateway"):
        mine, theirs = (KeyFolder(each.keys_path).private(issuer).as_dict(private=True) for each in (here, there))
        assert mine == theirs
    for service in SERVICES:
        schema.check(url(here, service), service)
    assert not list(here.home_path.glob(".restore-*"))


@pytest.mark.parametrize("store", ["sqlite", "mysql"])
def test_it_is_one_moment_while_others_write(store: str, make: Make, tmp_path: Path) -> None:
    """A writer puts every number into the model's store and then into the deploy's: at any moment the first is ahead by one at most."""
    there = make(store, "there")
    fill(there)
    stop, written = threading.Event(), threading.Semaphore(0)
    engines = [open_engine(url(there, service), reads=False) for service in ("model", "deploy")]

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            for engine in engines:
                with engine.connect() as conn, conn.begin():
                    conn.execute(sa.text("INSERT INTO write_turn VALUES (:number)"), {"number": number})
            written.release()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(3):
            for _ in range(20):
                assert written.acquire(timeout=20)
            backup.take(there, tmp_path / f"{number}.tar")
            counted = backup.check(tmp_path / f"{number}.tar")["services"]
            ahead = counted["model"]["tables"]["write_turn"] - counted["deploy"]["tables"]["write_turn"]
            assert ahead in (0, 1)
            assert counted["model"]["tables"]["write_turn"] >= 20 * (number + 1)
    finally:
        stop.set()
        writer.join()
        for engine in engines:
            engine.dispose()
    here = make(store, "here")
    backup.restore(here, tmp_path / "2.tar")
    assert len(run(here, "model", "SELECT * FROM write_turn")) == counted["model"]["tables"]["write_turn"]


@pytest.mark.parametrize("store", ["sqlite", "mysql"])
def test_a_place_that_is_not_empty_is_left_alone(store: str, make: Make, tmp_path: Path) -> None:
    there, file = make(store, "there"), tmp_path / "b.tar"
    fill(there)
    backup.take(there, file)
    before = everything(there)
    with pytest.raises(PlatformError) as caught:
        backup.restore(there, file)
    assert caught.value.reason is Reason.NOT_EMPTY
    if store == "mysql":  # an empty home before a server that is in use
        with pytest.raises(PlatformError) as caught:
            backup.restore(Settings(home=str(tmp_path / "new"), database_url=there.database_url), file)
        assert caught.value.reason is Reason.NOT_EMPTY
    assert everything(there) == before
    with pytest.raises(PlatformError) as caught:
        backup.take(there, file)
    assert caught.value.reason is Reason.ALREADY_EXISTS


@pytest.mark.parametrize("store", ["sqlite", "mysql"])
def test_a_backup_of_before_an_upgrade_is_brought_up_to_date(store: str, make: Make, tmp_path: Path) -> None:
    """The revisions that were, with rows, restored by the program that is. A service that came later had nothing to back up."""
    there, here, file = make(store, "there"), make(store, "here"), tmp_path / "b.tar"
    then = [service for service in SERVICES if service != "resource"]
    for service in then:
        schema.upgrade(url(there, service), metadata(service), service, there.home_path, to="0002")
    run(there, "model", "INSERT INTO model_project (id, name) VALUES (5, :name)", name=NAME)
    backup.take(there, file)
    assert {facts["revision"] for facts in backup.check(file)["services"].values()} == {"0002"}
    backup.restore(here, file)
    for service in then:
        schema.check(url(here, service), service)
    assert run(here, "model", "SELECT id, name FROM model_project") == [(5, NAME)]


def test_a_full_disk_is_told_and_leaves_nothing(make: Make, tmp_path: Path) -> None:
    """A disk of our own, of one MiB; the artifact is larger."""
    there, disk = make("sqlite", "there"), tmp_path / "disk"
    fill(there)
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], capture_output=True, check=False).returncode != 0:
        pytest.skip("needs the right to mount a small disk")
    try:
        with pytest.raises(PlatformError) as caught:
            backup.take(there, disk / "b.tar")
        assert (caught.value.code, caught.value.reason) == (507, Reason.DISK_FULL)
        assert list(disk.iterdir()) == []
        backup.take(there, tmp_path / "b.tar")
        with pytest.raises(PlatformError) as caught:
            backup.restore(Settings(home=str(disk / "home")), tmp_path / "b.tar")
        assert caught.value.reason is Reason.DISK_FULL
        assert list((disk / "home").iterdir()) == []
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_nothing_is_written_outside_the_home(make: Make, tmp_path: Path) -> None:
    """What the document says of an uninstall: the home is all there is on this machine."""
    elsewhere = {name: tmp_path / name for name in ("user", "scratch")}
    for folder in elsewhere.values():
        folder.mkdir()
    home, file = tmp_path / "home", tmp_path / "b.tar"
    environ = {**os.environ, "MODELYARD_HOME": str(home), "HOME": str(elsewhere["user"]), "TMPDIR": str(elsewhere["scratch"])}
    for words in (["migrate"], ["backup", str(file)], ["restore", "--check", str(file)], ["audit"]):
        subprocess.run(
            [sys.executable, "-m", "libs.client.cli", *words], env=environ, cwd=ROOT, capture_output=True, timeout=60, check=True
        )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.tar", "home", "scratch", "user"]
    assert not [path for folder in elsewhere.values() for path in folder.rglob("*")]


def test_keys_can_be_kept_apart(make: Make, tmp_path: Path) -> None:
    there, here, file = make("sqlite", "there"), make("sqlite", "here"), tmp_path / "b.tar"
    fill(there)
    assert backup.take(there, file, keys=False).keys == 0
    assert not [name for name in backup.check(file)["files"] if name.startswith("keys/")]
    own = KeyFolder(here.keys_path).private("model").kid
    assert backup.restore(here, file, keys=False).keys == 0
    assert KeyFolder(here.keys_path).private("model").kid == own


def test_a_damaged_artifact_is_told_when_it_is_backed_up(make: Make, tmp_path: Path) -> None:
    there = make("sqlite", "there")
    address = fill(there)
    store = ArtifactStore(there.home_path / "artifacts")
    (store.open(address) / "deep" / "weights.bin").write_bytes(b"other")
    assert backup.take(there, tmp_path / "b.tar").damaged == [address.removeprefix("artifact://")]


# --- files that are no backup


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("good")
    there = Settings(home=str(folder / "home"))
    fill(there)
    backup.take(there, folder / "b.tar")
    return (folder / "b.tar").read_bytes()


def entries(data: bytes) -> Iterator[tuple[tarfile.TarInfo, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        for entry in tar:
            source = tar.extractfile(entry)
            assert source is not None
            yield entry, source.read()


def rebuilt(data: bytes, change: Callable[[tarfile.TarInfo, bytes], list[tuple[tarfile.TarInfo, bytes]]]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        for entry, content in entries(data):
            for new, body in change(entry, content):
                new.size = len(body) if new.isreg() else 0
                tar.addfile(new, io.BytesIO(body))
    return made.getvalue()


def extra(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> Callable[[bytes], bytes]:
    def change(entry: tarfile.TarInfo, content: bytes) -> list[tuple[tarfile.TarInfo, bytes]]:
        if entry.name != archive.MANIFEST:
            return [(entry, content)]
        new = tarfile.TarInfo(name)
        new.type, new.linkname = kind, link
        return [(new, b"evil"), (entry, content)]

    return lambda data: rebuilt(data, change)


def manifest(edit: Callable[[dict[str, Any]], None]) -> Callable[[bytes], bytes]:
    def change(entry: tarfile.TarInfo, content: bytes) -> list[tuple[tarfile.TarInfo, bytes]]:
        if entry.name != archive.MANIFEST:
            return [(entry, content)]
        found = json.loads(content)
        edit(found)
        return [(entry, json.dumps(found).encode())]

    return lambda data: rebuilt(data, change)


def flipped(part: str) -> Callable[[bytes], bytes]:
    def change(entry: tarfile.TarInfo, content: bytes) -> list[tuple[tarfile.TarInfo, bytes]]:
        return [(entry, content[:-1] + bytes([content[-1] ^ 1]) if part in entry.name else content)]

    return lambda data: rebuilt(data, change)


def without_the_end(data: bytes) -> bytes:
    return rebuilt(data, lambda entry, content: [] if entry.name == archive.MANIFEST else [(entry, content)])


BAD: dict[str, tuple[Callable[[bytes], bytes], Reason]] = {
    "nothing": (lambda _: b"", Reason.BACKUP_UNREADABLE),
    "no tar": (lambda _: b"PK\x03\x04" * 500, Reason.BACKUP_UNREADABLE),
    "cut off": (lambda data: data[: len(data) * 2 // 3], Reason.BACKUP_UNREADABLE),
    "cut off between files": (without_the_end, Reason.BACKUP_UNREADABLE),
    "a bit of the weights": (flipped("weights.bin"), Reason.BACKUP_UNREADABLE),
    "a bit of a record": (flipped("dataset/dataset.jsonl"), Reason.BACKUP_UNREADABLE),
    "out of the folder": (extra("records/../../evil"), Reason.BACKUP_UNREADABLE),
    "an absolute name": (extra("/tmp/evil"), Reason.BACKUP_UNREADABLE),
    "another folder": (extra("run/evil"), Reason.BACKUP_UNREADABLE),
    "a link": (extra("keys/private/evil", tarfile.SYMTYPE, "/etc/passwd"), Reason.BACKUP_UNREADABLE),
    "a hard link": (extra("keys/private/evil", tarfile.LNKTYPE, "records/x"), Reason.BACKUP_UNREADABLE),
    "a device": (extra("keys/private/evil", tarfile.CHRTYPE), Reason.BACKUP_UNREADABLE),
    "twice": (extra("records/model/model_project.jsonl"), Reason.BACKUP_UNREADABLE),
    "not in the manifest": (extra("keys/private/evil.json"), Reason.BACKUP_UNREADABLE),
    "another format": (manifest(lambda found: found.update(format=2)), Reason.BACKUP_UNREADABLE),
    "an unknown service": (manifest(lambda found: found["services"].update(evil=found["services"]["model"])), Reason.BACKUP_UNREADABLE),
    "rows that lack": (manifest(lambda found: found["services"]["model"]["tables"].update(model_project=9)), Reason.BACKUP_UNREADABLE),
    "a newer version": (manifest(lambda found: found["services"]["model"].update(revision="9999")), Reason.BACKUP_TOO_NEW),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_not_the_backup_that_was_written_changes_nothing(case: str, good: bytes, make: Make, tmp_path: Path) -> None:
    spoil, reason = BAD[case]
    here, file = make("sqlite", "here"), tmp_path / "bad.tar"
    file.write_bytes(spoil(good))
    with pytest.raises(PlatformError) as caught:
        backup.restore(here, file)
    assert caught.value.reason is reason
    assert [path for path in here.home_path.rglob("*") if path.is_file() or path.is_symlink()] == []
    assert not (tmp_path / "evil").exists()
    file.write_bytes(good)
    backup.restore(here, file)  # the place is as good as before


def test_a_file_that_is_not_there_is_named(make: Make, tmp_path: Path) -> None:
    with pytest.raises(PlatformError) as caught:
        backup.check(tmp_path / "none.tar")
    assert "none.tar" in str(caught.value)


def test_every_column_is_text_or_a_number() -> None:
    """What the lines of a backup can hold without loss."""
    kept = (sa.Integer, sa.String, sa.Float)
    for service in SERVICES:
        for table in metadata(service).tables.values():
            for column in table.columns:
                assert isinstance(column.type, kept), f"{table.name}.{column.name}"


def test_a_restored_instance_is_nobodys(make: Make, tmp_path: Path) -> None:
    """The node it ran on is that of the home that was backed up: here the one that finds it takes it at once."""
    there, here, file = make("sqlite", "there"), make("sqlite", "here"), tmp_path / "b.tar"
    fill(there)
    facts = "(id, node, port, qps, p99_ms, error) VALUES (5, 'elsewhere-1', 9000, 0, -1, '{}')"
    run(there, "deploy", f"INSERT INTO instance {facts}")
    backup.take(there, file)
    backup.restore(here, file)
    assert run(here, "deploy", "SELECT id, node, port FROM instance") == [(5, "", 9000)]
