"""Artifacts: whole or absent, the same bytes the same artifact, every damage named, nothing that leads out of the folder."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common import durable
from libs.common.errors import PlatformError, Reason
from libs.common.store.storage import MANIFEST, SCHEME, ArtifactStore, check_name, digest_of, manifest_of, sha256_of
from tests.support.outcome import at_once, outcome
from tests.support.until import until

FILES = {"model.bin": b"\x00\x01" * 5000, "sub/deep/词.txt": "好".encode(), "empty": b""}


def write(folder: Path, files: dict[str, bytes] = FILES) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore(tmp_path / "artifacts")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write(tmp_path / "source")


def left_behind(tmp_path: Path) -> list[str]:
    return os.listdir(tmp_path / "artifacts" / "incoming")


def test_what_is_published_is_what_is_opened(store: ArtifactStore, source: Path, tmp_path: Path) -> None:
    uri, digest = store.publish(source)
    assert uri == SCHEME + digest
    folder = store.open(uri)
    assert {
        str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST
    } == FILES
    shutil.rmtree(source)
    assert store.open(digest) == folder
    assert left_behind(tmp_path) == []


def test_the_address_is_the_content_and_nothing_else(store: ArtifactStore, source: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "other", dict(reversed(FILES.items())))
    os.utime(other / "empty", (1, 1))
    (other / "model.bin").chmod(0o600)
    (other / "no files in here").mkdir()
    assert store.publish(source) == store.publish(other)
    (other / "empty").rename(other / "empty2")
    assert store.publish(source) != store.publish(other)


def test_the_digest_is_the_documented_one(source: Path) -> None:
    import hashlib

    listed = {name: {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()} for name, content in FILES.items()}
    canonical = json.dumps({"files": listed}, sort_keys=True, separators=(",", ":")).encode()
    assert digest_of(manifest_of(source)) == "sha256:" + hashlib.sha256(canonical).hexdigest()
    assert sha256_of(source / "model.bin") == listed["model.bin"]["sha256"]


def flip(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)


DAMAGE: dict[str, Any] = {
    "one bit": (lambda folder: flip(folder / "model.bin"), "model.bin"),
    "cut short": (lambda folder: os.truncate(folder / "model.bin", 100), "model.bin"),
    "gone": (lambda folder: (folder / "empty").unlink(), "empty"),
    "slipped in": (lambda folder: (folder / "sub" / "extra.so").write_bytes(b"x"), "sub/extra.so"),
    "a link to the same bytes": (lambda folder: relink(folder / "model.bin"), "model.bin"),
    "a linked folder": (lambda folder: relink(folder / "sub"), "sub"),
    "a folder for a file": (lambda folder: ((folder / "empty").unlink(), (folder / "empty").mkdir()), "empty"),
    "manifest gone": (lambda folder: (folder / MANIFEST).unlink(), MANIFEST),
    "manifest no JSON": (lambda folder: (folder / MANIFEST).write_bytes(b"\xff{"), MANIFEST),
    "manifest rewritten": (lambda folder: (folder / MANIFEST).write_text('{"files": {}}'), MANIFEST),
}


def relink(path: Path) -> None:
    aside = path.parent.parent.parent.parent / f"aside-{path.name}"
    path.rename(aside)
    path.symlink_to(aside)


@pytest.mark.parametrize("damage", DAMAGE)
def test_every_damage_is_named_and_mended_by_publishing_again(store: ArtifactStore, source: Path, tmp_path: Path, damage: str) -> None:
    uri, _ = store.publish(source)
    hurt, name = DAMAGE[damage]
    hurt(store.open(uri))
    with pytest.raises(PlatformError) as caught:
        store.open(uri)
    assert (caught.value.code, caught.value.reason) == (422, Reason.CHECKSUM_MISMATCH)
    assert caught.value.details["file"].split("/")[0] == name.split("/")[0]
    assert store.open(uri, verify=False).is_dir()
    assert store.publish(source)[0] == uri
    assert store.open(uri).is_dir()
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize("kind", ["link", "linked folder", "pipe", "broken link"])
def test_links_and_special_files_are_not_taken_in(store: ArtifactStore, source: Path, tmp_path: Path, kind: str) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x")
    if kind == "pipe":
        os.mkfifo(source / "sub" / "odd")
    else:
        (source / "sub" / "odd").symlink_to({"link": secret, "linked folder": tmp_path, "broken link": tmp_path / "nowhere"}[kind])
    with pytest.raises(PlatformError) as caught:
        store.publish(source)
    assert (caught.value.code, caught.value.reason, caught.value.details["file"]) == (422, Reason.INVALID_PATH, "odd")
    assert left_behind(tmp_path) == []


def test_a_folder_without_files_is_no_artifact(store: ArtifactStore, tmp_path: Path) -> None:
    (tmp_path / "hollow" / "sub").mkdir(parents=True)
    for folder in (tmp_path / "hollow", tmp_path / "absent"):
        with pytest.raises(PlatformError) as caught:
            store.publish(folder)
        assert (caught.value.reason, caught.value.field) == (Reason.INVALID_PATH, "artifact")


def test_the_stores_own_name_is_not_taken_in(store: ArtifactStore, source: Path) -> None:
    """It would be overwritten, and the artifact could never be opened."""
    (source / MANIFEST).write_text("{}")
    with pytest.raises(PlatformError) as caught:
        store.publish(source)
    assert caught.value.reason == Reason.INVALID_PATH
    (source / MANIFEST).rename(source / "sub" / MANIFEST)
    assert store.open(store.publish(source)[0]).is_dir()


def test_a_name_nobody_could_open_is_not_taken_in(store: ArtifactStore, source: Path) -> None:
    (source / "back\\slash").write_bytes(b"x")
    with pytest.raises(PlatformError) as caught:
        store.publish(source)
    assert caught.value.reason == Reason.INVALID_PATH


def test_content_that_changes_while_it_is_taken_in(
    store: ArtifactStore, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = shutil.copyfile

    def meanwhile(start: Path, end: Path, **options: Any) -> Any:
        (source / "model.bin").write_bytes(b"other")
        return copy(start, end, **options)

    monkeypatch.setattr(shutil, "copyfile", meanwhile)
    with pytest.raises(PlatformError) as caught:
        store.publish(source)
    assert (caught.value.code, caught.value.reason, caught.value.details) == (409, Reason.CHECKSUM_MISMATCH, {"file": "source"})
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_named_and_leaves_nothing(
    store: ArtifactStore, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(number, "no room")

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(PlatformError) as caught:
        store.publish(source)
    assert (caught.value.code, caught.value.reason, caught.value.details["what"]) == (507, Reason.DISK_FULL, "artifacts")
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize(
    "digest", ["", "sha256:", "md5:" + "a" * 64, "sha256:" + "A" * 64, "sha256:" + "a" * 63, "sha256:../../" + "a" * 58, "x" * 71]
)
def test_an_address_that_is_none(store: ArtifactStore, digest: str) -> None:
    with pytest.raises(PlatformError) as caught:
        store.open(SCHEME + digest)
    assert (caught.value.code, caught.value.field) == (400, "digest")


@pytest.mark.parametrize("gone", ["artifacts", "artifacts/incoming"])
def test_a_store_that_is_away_is_named_and_not_made_anew(store: ArtifactStore, source: Path, tmp_path: Path, gone: str) -> None:
    """A mount that is not there is no broken artifact and no mistake of ours: whoever needs it waits."""
    uri, _ = store.publish(source)
    (tmp_path / gone).rename(tmp_path / "aside")
    shutil.rmtree(tmp_path / "artifacts" / "objects", ignore_errors=True)
    for call in (lambda: store.publish(source), lambda: store.open(uri), store.check):
        error = outcome(call)
        assert isinstance(error, PlatformError)
        assert (error.code, error.reason, error.retryable) == (503, Reason.ARTIFACTS_MISSING, True)
        assert str(tmp_path) not in str(error), "a path of the server is not for everybody"
    assert not (tmp_path / "artifacts" / "objects").exists()


def test_an_artifact_nobody_published(store: ArtifactStore) -> None:
    with pytest.raises(PlatformError) as caught:
        store.open(SCHEME + "sha256:" + "a" * 64)
    assert (caught.value.code, caught.value.reason) == (404, Reason.NOT_FOUND)


@given(st.text(max_size=20) | st.lists(st.sampled_from(["..", ".", "a", "/", "\\", "\0", "b", "//"]), max_size=5).map("".join))
def test_a_checked_name_stays_inside(name: str) -> None:
    root = Path("/srv/artifact")
    found = outcome(lambda: check_name(name))
    if isinstance(found, PlatformError):
        assert (found.code, found.reason, found.field) == (400, Reason.INVALID_PATH, "path")
        return
    joined = Path(os.path.normpath(root / name))
    assert root in joined.parents
    assert joined.relative_to(root).as_posix() == name


@pytest.mark.parametrize("name", ["", ".", "..", "/etc/passwd", "a/../b", "../a", "a/./b", "a//b", "a/", "a\\b", "a\0b", "x" * 301])
def test_names_that_could_lead_out(name: str) -> None:
    with pytest.raises(PlatformError):
        check_name(name)


def test_publishing_the_same_at_once(store: ArtifactStore, source: Path, tmp_path: Path) -> None:
    published = at_once([lambda: ArtifactStore(tmp_path / "artifacts").publish(source)] * 8)
    assert set(published) == {store.publish(source)}
    assert store.open(published[0][0]).is_dir()
    assert left_behind(tmp_path) == []


def test_a_killed_publisher_leaves_no_artifact_and_the_sweep_removes_the_rest(source: Path, tmp_path: Path) -> None:
    """kill -9 just before the rename: nothing is visible, and the next attempt succeeds."""
    code = (
        "import os, sys, time; from pathlib import Path; from libs.common.store.storage import ArtifactStore\n"
        "os.rename = lambda *a: (print('ready', flush=True), time.sleep(60))\n"
        "ArtifactStore(Path(sys.argv[1])).publish(Path(sys.argv[2]))"
    )
    root = tmp_path / "artifacts"
    process = subprocess.Popen([sys.executable, "-c", code, str(root), str(source)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert list((root / "objects").rglob("*.bin")) == []
    assert len(left_behind(tmp_path)) == 1
    store = ArtifactStore(root)
    (root / "incoming" / "probe-1").write_bytes(b"ok")
    uri, _ = store.publish(source)
    assert store.open(uri).is_dir()
    now = (root / "incoming" / "probe-1").stat().st_mtime
    assert store.sweep(3600, now + 10) == 0
    assert store.sweep(3600, now + 4000) == 2
    assert left_behind(tmp_path) == []


def test_the_flush_comes_before_the_rename(store: ArtifactStore, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    rename, sync_tree = os.rename, durable.sync_tree
    monkeypatch.setattr(durable, "sync_tree", lambda folder: (done.append("flush"), sync_tree(folder), done.append("flushed"))[1])
    monkeypatch.setattr(os, "rename", lambda *names: (done.append("rename"), rename(*names))[1])
    sync = durable.sync
    monkeypatch.setattr(durable, "sync", lambda path: (done.append(f"entry {path.name}"), sync(path))[1])
    _, digest = store.publish(source)
    flushed = done.index("flushed")
    assert (done[0], "rename" in done[:flushed]) == ("flush", False)
    assert done[flushed + 1 :] == ["rename", f"entry {digest[7:9]}", "entry objects"]


def nobody() -> bool:
    return False


def test_what_is_removed_is_gone_and_can_be_published_anew(store: ArtifactStore, source: Path) -> None:
    uri, _ = store.publish(source)
    assert store.remove(uri, nobody, quiet_seconds=0)
    found = outcome(lambda: store.open(uri))
    assert isinstance(found, PlatformError)
    assert found.reason == Reason.NOT_FOUND
    assert not store.remove(uri, nobody, quiet_seconds=0), "it is gone already"
    assert store.publish(source)[0] == uri
    store.open(uri)


def test_a_store_that_is_away_has_not_lost_what_it_holds(store: ArtifactStore, source: Path, tmp_path: Path) -> None:
    uri, _ = store.publish(source)
    assert store.size(uri) == sum(len(content) for content in FILES.values())
    assert store.size(SCHEME + "sha256:" + "0" * 64) is None
    (tmp_path / "artifacts").rename(tmp_path / "unmounted")
    found = outcome(lambda: store.size(uri))
    assert isinstance(found, PlatformError)
    assert found.reason == Reason.ARTIFACTS_MISSING


def test_what_somebody_speaks_for_stays(store: ArtifactStore, source: Path) -> None:
    uri, _ = store.publish(source)
    assert not store.remove(uri, lambda: True, quiet_seconds=0)
    store.open(uri)


def test_what_was_just_published_stays_also_where_it_was_there_before(store: ArtifactStore, source: Path) -> None:
    """Its publisher may not have stored its address yet."""
    uri, _ = store.publish(source)
    folder = store.open(uri)
    os.utime(folder, (1, 1))
    store.publish(source)
    assert not store.remove(uri, nobody)
    os.utime(folder, (1, 1))
    assert store.remove(uri, nobody)


def test_one_that_is_published_while_it_is_removed_comes_back(store: ArtifactStore, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    uri, _ = store.publish(source)
    folder = store.open(uri)
    os.utime(folder, (1, 1))
    real = os.rename

    def published_at_the_last_moment(old: Any, new: Any) -> None:
        if Path(old) == folder:
            os.utime(folder)
        real(old, new)

    monkeypatch.setattr(os, "rename", published_at_the_last_moment)
    assert not store.remove(uri, nobody)
    store.open(uri)


def test_what_it_shares_with_others_stays_theirs(store: ArtifactStore, source: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "other", {"a.bin": b"shared"})
    (other / "a.bin").chmod(0o444)
    os.link(other / "a.bin", source / "linked.bin")
    uri, _ = store.publish(source)
    kept, _ = store.publish(other)
    assert store.remove(uri, nobody, quiet_seconds=0)
    assert (store.open(kept) / "a.bin").read_bytes() == b"shared"


def test_probes_at_once_do_not_trip_over_each_other(store: ArtifactStore, tmp_path: Path) -> None:
    assert at_once([lambda: [store.check() for _ in range(100)]] * 4) == [[None] * 100] * 4
    until(lambda: left_behind(tmp_path) == [])


def test_an_artifact_is_read_through_fsspec_and_nothing_beside_it(store: ArtifactStore, tmp_path: Path) -> None:
    uri, _ = store.publish(write(tmp_path / "in"))
    files = store.filesystem(uri)
    assert files.cat_file("sub/deep/词.txt") == FILES["sub/deep/词.txt"]
    assert files.info("model.bin")["size"] == len(FILES["model.bin"])
    assert sorted(path for path in files.find("") if not path.endswith(MANIFEST)) == sorted(FILES)
    with pytest.raises(PlatformError):
        store.filesystem(SCHEME + "sha256:" + "0" * 64)
