"""Imports from addresses: resumed, guarded at every step, written down; archives unpacked below one folder and nowhere else."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from libs.common.errors import PlatformError, Reason
from libs.common.outside import Outside
from libs.common.work.engine import SilentReporter
from services.dataset.engine import unpacking
from services.dataset.engine.kinds.link_import import read
from services.dataset.engine.linking import name_of, run
from services.dataset.engine.unpacking import Room
from tests.support.outcome import outcome
from tests.unit.dataset_engine.make import outputs, records
from tests.unit.dataset_engine.site import Site, serving

HERE = Outside(loopback=True)
ROWS = "".join(f'{{"text": "row {number} of many, so that it can be cut"}}\n' for number in range(400)).encode()


@pytest.fixture(scope="module")
def running() -> Iterator[Site]:
    with serving() as site:
        yield site


@pytest.fixture
def site(running: Site) -> Site:
    running.pages.clear()
    running.asked.clear()
    return running


def imported(work: Path, *urls: Any, guard: Outside = HERE, media: bool = False, **options: Any) -> dict[str, Any]:
    listed = [url if isinstance(url, dict) else {"url": url} for url in urls]
    job = read({"links": listed, "media": media, "options": options}).values
    return run({**job, "outside": {"hosts": guard.hosts, "loopback": guard.loopback}}, work, SilentReporter())


def refusal(call: Callable[[], Any]) -> PlatformError:
    error = outcome(call)
    assert isinstance(error, PlatformError), error
    return error


def test_a_file_is_imported_and_what_it_was_is_written_down(site: Site, tmp_path: Path) -> None:
    url = site.put("/data/rows.jsonl", ROWS)
    result = imported(tmp_path, f"{url}?token=1")
    assert (result["records"], result["ledger"]["in"]) == (400, 400)
    (link,) = result["links"]
    assert (link["url"], link["at"], link["bytes"], link["etag"]) == (f"{url}?token=1", f"{url}?token=1", len(ROWS), '"one"')
    assert link["sha256"] == hashlib.sha256(ROWS).hexdigest()
    assert records(tmp_path / "out")[0]["source"] == "000/rows.jsonl"


def test_a_cut_answer_goes_on_where_it_was(site: Site, tmp_path: Path) -> None:
    url = site.put("/rows.jsonl", ROWS, cuts=[5000, 3000])
    assert imported(tmp_path, url)["records"] == 400
    assert [range for _, range in site.asked] == ["", "bytes=5000-", "bytes=8000-"]


@pytest.mark.parametrize("etag", ["", 'W/"one"'])
def test_without_a_mark_that_can_be_trusted_it_is_fetched_anew(site: Site, tmp_path: Path, etag: str) -> None:
    url = site.put("/rows.jsonl", ROWS, cuts=[5000], etag=etag)
    assert imported(tmp_path, url)["links"][0]["sha256"] == hashlib.sha256(ROWS).hexdigest()
    assert [range for _, range in site.asked] == ["", ""]


def test_a_file_that_changes_on_the_way_is_never_half_of_each(site: Site, tmp_path: Path) -> None:
    other = ROWS.replace(b"row", b"line")
    url = site.put("/rows.jsonl", ROWS, cuts=[5000])
    page = site.pages["/rows.jsonl"]

    class Changing(SilentReporter):
        def progress(self, done: int, total: int, message: str = "") -> None:
            page.data, page.etag = other, '"two"'

    job = read({"links": [{"url": url}]}).values
    result = run({**job, "outside": {"loopback": True}}, tmp_path, Changing())
    assert (result["links"][0]["sha256"], result["links"][0]["etag"]) == (hashlib.sha256(other).hexdigest(), '"two"')


def test_a_changed_source_is_refused_before_a_record_is_read(site: Site, tmp_path: Path) -> None:
    url, was = site.put("/rows.jsonl", ROWS), hashlib.sha256(b"before").hexdigest()
    error = refusal(lambda: imported(tmp_path, {"url": url, "sha256": was}))
    assert (error.reason, error.field, error.details["found"]) == (
        Reason.CHECKSUM_MISMATCH,
        "links[0].url",
        hashlib.sha256(ROWS).hexdigest(),
    )
    assert not (tmp_path / "out").exists()


def test_a_run_that_was_killed_does_not_ask_again_for_what_it_has(site: Site, tmp_path: Path) -> None:
    urls = [site.put("/a.jsonl", ROWS), site.put("/b.csv", b"text\none\n")]
    first = imported(tmp_path, *urls)
    (tmp_path / "result.json").unlink(missing_ok=True)
    asked = len(site.asked)
    again = imported(tmp_path, *urls)
    assert (len(site.asked), again["content_hash"]) == (asked, first["content_hash"])


def test_redirects_are_followed_and_end_where_they_end(site: Site, tmp_path: Path) -> None:
    site.put("/real/rows.jsonl", ROWS)
    site.put("/second", status=307, location="/real/rows.jsonl")
    url = site.put("/first", status=302, location=site.url("/second"))
    result = imported(tmp_path, url, format="jsonl")
    assert (result["links"][0]["url"], result["links"][0]["at"]) == (url, site.url("/real/rows.jsonl"))


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.1/",
        "http://192.168.1.1:8080/x",
        "http://[::ffff:10.0.0.1]/",
        "http://0.0.0.0/",
        "http://metadata.invalid/",
    ],
)
def test_a_redirect_to_inside_is_refused_in_one_sentence(site: Site, tmp_path: Path, location: str) -> None:
    url = site.put("/rows.jsonl", status=302, location=location)
    error = refusal(lambda: imported(tmp_path, url))
    assert (error.code, error.reason, error.field) == (422, Reason.ADDRESS_REFUSED, "links[0].url")
    assert error.limit == refusal(lambda: imported(tmp_path / "direct", "http://10.1.2.3/x.csv")).limit


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1", "", "http://user:pass@127.0.0.1/x"])
def test_a_redirect_to_what_is_no_plain_address_is_refused(site: Site, tmp_path: Path, location: str) -> None:
    url = site.put("/rows.jsonl", status=302, location=location)
    error = refusal(lambda: imported(tmp_path, url))
    assert error.reason in (Reason.INVALID_ARGUMENT, Reason.UNAVAILABLE)
    assert not (tmp_path / "out").exists()


def test_loopback_is_asked_only_where_the_guard_allows_it(site: Site, tmp_path: Path) -> None:
    url = site.put("/rows.jsonl", ROWS)
    assert refusal(lambda: imported(tmp_path, url, guard=Outside())).reason == Reason.ADDRESS_REFUSED
    assert site.asked == []
    assert imported(tmp_path, url, guard=Outside(hosts="127.0.0.0/8"))["records"] == 400


def test_redirects_without_end_and_missing_files_say_so(site: Site, tmp_path: Path) -> None:
    error = refusal(lambda: imported(tmp_path, site.put("/loop", status=301, location="/loop")))
    assert (error.reason, error.details["why"]) == (Reason.UNAVAILABLE, "more than 5 redirects")
    assert refusal(lambda: imported(tmp_path, site.url("/gone.csv"))).reason == Reason.FILE_MISSING


def test_a_file_that_is_too_large_is_not_read_to_its_end(site: Site, tmp_path: Path) -> None:
    said = refusal(lambda: imported(tmp_path / "said", site.put("/a.jsonl", ROWS), max_file_bytes=1000))
    silent = refusal(lambda: imported(tmp_path / "lied", site.put("/b.jsonl", ROWS, length="500"), max_file_bytes=400))
    for error in (said, silent):
        assert error.reason == Reason.FILE_TOO_LARGE


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({}, "links"),
        ({"links": []}, "links"),
        ({"links": ["http://a/b"]}, "links[0]"),
        ({"links": [{"url": "ftp://a/b"}]}, "links[0].url"),
        ({"links": [{"url": "http://u:p@a/b"}]}, "links[0].url"),
        ({"links": [{"url": "http:///b"}]}, "links[0].url"),
        ({"links": [{"url": "http://a/\nb"}]}, "links[0].url"),
        ({"links": [{"url": "http://a:99999/b"}]}, "links[0].url"),
        ({"links": [{"url": 5}]}, "links[0].url"),
        ({"links": [{"url": "http://a/b", "sha256": "x"}]}, "links[0].sha256"),
        ({"links": [{"url": "http://a/b", "more": 1}]}, "links[0]"),
        ({"links": [{"url": "http://a/b"}], "media": "yes"}, "media"),
        ({"links": [{"url": "http://a/b"}], "options": {"no": 1}}, "options.no"),
    ],
)
def test_a_config_that_means_nothing_is_refused_by_its_field(config: dict[str, Any], field: str) -> None:
    error = refusal(lambda: read(config))
    assert (error.code, error.field) == (400, field)


def test_names_are_plain() -> None:
    assert [name_of(f"http://a{path}") for path in ("/x/rows.csv", "/", "/..", "/%2e%2e%2fetc", "/a%00b.csv", "/.hidden", "/数据.csv")] == [
        "rows.csv",
        "file",
        "file",
        "etc",
        "a_b.csv",
        "hidden",
        "_.csv",
    ]


# --- archives


def zipped(entries: dict[str, bytes], **facts: Any) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            info = zipfile.ZipInfo(name)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, facts.get("mode", 0o100644) << 16
            archive.writestr(info, data)
    return out.getvalue()


def tarred(entries: dict[str, bytes], packed: str = "", **facts: Any) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=f"w:{packed}") as archive:  # type: ignore[call-overload]
        for name, data in entries.items():
            info = tarfile.TarInfo(name)
            info.size, info.type, info.linkname = len(data), facts.get("type", tarfile.REGTYPE), facts.get("link", "")
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


FILES = {"a/one.jsonl": b'{"text": "one"}\n', "b/two.csv": b"text\ntwo\n"}


@pytest.mark.parametrize("data", [zipped(FILES), tarred(FILES), tarred(FILES, "gz"), tarred(FILES, "bz2")], ids=["zip", "tar", "gz", "bz2"])
def test_an_archive_is_its_files(site: Site, tmp_path: Path, data: bytes) -> None:
    result = imported(tmp_path, site.put("/archive", data), site.put("/more.jsonl", ROWS))
    assert (result["records"], result["files"]) == (402, 3)
    assert {record["source"] for record in records(tmp_path / "out")} == {"000/a/one.jsonl", "000/b/two.csv", "001/more.jsonl"}


BAD: dict[str, tuple[bytes, Reason]] = {
    "a name upwards in a zip": (zipped({"../evil.jsonl": b"x"}), Reason.INVALID_PATH),
    "a name upwards in a tar": (tarred({"a/../../evil.jsonl": b"x"}), Reason.INVALID_PATH),
    "an absolute name in a tar": (tarred({"/tmp/evil": b"x"}), Reason.INVALID_PATH),
    "an absolute name in a zip": (zipped({"/tmp/evil": b"x"}), Reason.INVALID_PATH),
    "a name with backslashes": (zipped({"..\\evil": b"x"}), Reason.INVALID_PATH),
    "a link in a zip": (zipped({"link": b"/etc/passwd"}, mode=0o120777), Reason.INVALID_PATH),
    "a link in a tar": (tarred({"link": b""}, type=tarfile.SYMTYPE, link="/etc/passwd"), Reason.INVALID_PATH),
    "a hard link in a tar": (tarred({"link": b""}, type=tarfile.LNKTYPE, link="/etc/passwd"), Reason.INVALID_PATH),
    "a device in a tar": (tarred({"null": b""}, type=tarfile.CHRTYPE), Reason.INVALID_PATH),
    "a pipe in a tar": (tarred({"pipe": b""}, type=tarfile.FIFOTYPE), Reason.INVALID_PATH),
    "a folder that is a file": (tarred({"a": b"x", "a/b": b"y"}), Reason.INVALID_PATH),
    "too many": (zipped({f"{number}.txt": b"x" for number in range(9)}), Reason.TOO_LARGE),
    "too many folders": (tarred({f"{number}": b"" for number in range(9)}, type=tarfile.DIRTYPE), Reason.TOO_LARGE),
    "one that is too large": (zipped({"zeros.txt": bytes(3_000_000)}), Reason.FILE_TOO_LARGE),
    "all together too large": (zipped({f"{number}.txt": bytes(900_000) for number in range(5)}), Reason.FILE_TOO_LARGE),
    "a cut zip": (zipped(FILES)[:-30], Reason.FILE_TRUNCATED),
    "a cut tar": (tarred({"a": bytes(5000)}, "gz")[:-20], Reason.FILE_TRUNCATED),
    "a cut plain tar": (tarred({"a": bytes(range(256)) * 20})[:2000], Reason.FILE_TRUNCATED),
}


@pytest.mark.parametrize("name", list(BAD))
def test_a_hostile_archive_is_refused_and_leaves_nothing(tmp_path: Path, name: str) -> None:
    data, reason = BAD[name]
    archive, folder = tmp_path / "in" / "archive", tmp_path / "in" / "out"
    archive.parent.mkdir()
    archive.write_bytes(data)
    folder.mkdir()
    before = set(os.listdir(tmp_path)) | set(os.listdir(tmp_path / "in"))
    error = refusal(lambda: unpacking.unpack(archive, folder, Room(8, 1_000_000, 4_000_000), unpacking.kind_of(archive)))
    assert (error.code, error.reason, error.field) == (422, reason, "links")
    assert error.details["file"].startswith("archive")
    assert set(os.listdir(tmp_path)) | set(os.listdir(tmp_path / "in")) == before
    assert all(path.is_file() or path.is_dir() for path in folder.rglob("*") if not path.is_symlink())
    assert not any(path.is_symlink() for path in folder.rglob("*"))


def test_two_entries_of_one_name_are_refused(tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for data in (b"one", b"two"):
            info = tarfile.TarInfo("same")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    (tmp_path / "archive").write_bytes(out.getvalue())
    (tmp_path / "out").mkdir()
    error = refusal(lambda: unpacking.unpack(tmp_path / "archive", tmp_path / "out", Room(8, 10, 100), "tar"))
    assert (error.reason, error.details["why"]) == (Reason.INVALID_PATH, "a name that another entry has")


def test_a_tar_whose_header_is_beyond_all_memory_is_refused(tmp_path: Path) -> None:
    """The header of names says that it is 4 GiB of zeros, which gzip makes small."""
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XHDTYPE, 4 << 30
    (tmp_path / "archive").write_bytes(gzip.compress(info.tobuf(tarfile.USTAR_FORMAT) + bytes(1 << 20)))
    (tmp_path / "out").mkdir()
    error = refusal(lambda: unpacking.unpack(tmp_path / "archive", tmp_path / "out", Room(8, 10, 100), "tar"))
    assert error.reason == Reason.FILE_TRUNCATED


def test_what_came_of_a_run_that_was_killed_in_the_archive_goes(site: Site, tmp_path: Path) -> None:
    url = site.put("/archive.zip", zipped(FILES))
    half = tmp_path / "killed" / "fetched" / "000" / ".ready"
    half.mkdir(parents=True)
    (half / "left.jsonl").write_text('{"text": "of before"}\n')
    imported(tmp_path / "killed", url)
    imported(tmp_path / "whole", url)
    assert outputs(tmp_path / "killed" / "out") == outputs(tmp_path / "whole" / "out")
