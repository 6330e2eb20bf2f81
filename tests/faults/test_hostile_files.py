"""I14: nothing that comes in as a file runs code, reads outside its root or opens a connection. Every door, every payload, three canaries.

The canaries: a file that a payload which runs would make, a secret beside the root whose words must come out nowhere, and a port that
counts who connects. Whether a door refuses the payload or takes it for what it is, text, is its own business and tested elsewhere.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from libs.common.errors import PlatformError
from libs.common.store.storage import ArtifactStore
from libs.common.work.engine import SilentReporter
from libs.models.causal_lm import artifact
from libs.models.causal_lm.session import OnnxLM
from services.dataset.engine import cleaning, importing
from services.deploy.engine import bundle, export
from services.train.engine import checkpoint
from tests.support.evidence import Evidence
from tests.support.ram import ram_folder
from tests.unit.deploy_engine import model
from tests.unit.deploy_engine.conftest import SERVING

SECRET = "the-word-nobody-was-given"  # a canary


@dataclass
class Canaries:
    """touched: what code that ran has made. port: where nobody may connect. said: whatever a door answered."""

    folder: Path
    listener: socket.socket
    said: list[str] = field(default_factory=list)

    @property
    def touched(self) -> Path:
        return self.folder / "touched"

    @property
    def secret(self) -> Path:
        return self.folder / "secret.txt"

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    def harmed(self, *outputs: Path) -> list[str]:
        """Which of them fell. outputs: folders in which a door left its work."""
        found = ["code ran"] if self.touched.exists() else []
        self.touched.unlink(missing_ok=True)
        try:
            self.listener.accept()[0].close()
            found.append("connected")
        except BlockingIOError:
            pass
        left = [path for folder in outputs for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
        if any(SECRET.encode() in path.read_bytes() for path in left) or any(SECRET in text for text in self.said):
            found.append("secret came out")
        self.said.clear()
        return found


@pytest.fixture
def canaries() -> Iterator[Canaries]:
    with ram_folder() as folder, socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        found = Canaries(folder, listener)
        found.secret.write_text(SECRET)
        yield found


def payloads(canaries: Canaries) -> dict[str, bytes]:
    """What an attacker sends, whatever the file is called."""
    touch, secret, url = f"touch {canaries.touched}", str(canaries.secret), f"http://127.0.0.1:{canaries.port}/"
    traversal = canaries.folder / "made.zip"
    with zipfile.ZipFile(traversal, "w") as made:
        made.writestr("../../touched", "x")
        made.writestr(str(canaries.touched), "x")
        link = zipfile.ZipInfo("link.txt")
        link.external_attr = 0o120777 << 16
        made.writestr(link, secret)
    pickled = b"cos\nsystem\n(S'" + touch.encode() + b"'\ntR."
    pickled_torch = canaries.folder / "made.pt"
    with zipfile.ZipFile(pickled_torch, "w") as made:
        made.writestr("archive/data.pkl", pickled)
        made.writestr("archive/version", "3\n")
    npy = b"\x93NUMPY\x01\x00" + struct.pack("<H", 54) + b"{'descr': '|O', 'fortran_order': False, 'shape': (1,)}" + pickled
    return {
        "pickle, protocol 0": pickled,
        "pickle, protocol 4": b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c" + bytes([len(touch)]) + touch.encode() + b"\x85R.",
        "torch archive with a pickle": pickled_torch.read_bytes(),
        "numpy objects": npy,
        "zip that leaves its root": traversal.read_bytes(),
        "json that names a class": json.dumps({"text": "x", "__reduce__": ["os.system", [touch]], "py/object": "os.system"}).encode(),
        "json that names a file": json.dumps({"text": f"file://{secret}", "$ref": f"file://{secret}", "path": secret}).encode(),
        "yaml tag": f"text: !!python/object/apply:os.system ['{touch}']\n".encode(),
        "xml entity": f'<!DOCTYPE a [<!ENTITY x SYSTEM "file://{secret}">]><p>&x;</p>'.encode(),
        "html that loads": f'<p>x</p><img src="{url}"><link href="{url}" rel="stylesheet"><script src="{url}"></script><iframe src="file://{secret}">'.encode(),
        "page with a template": b"<p>{{ ''.__class__.__mro__[1].__subclasses__() }} ${7*7} #{7*7} {0.__class__} %(x)s</p>",
        "python source": f"import os; os.system({touch!r})\n".encode(),
        "csv formula": f'text,note\n"=cmd|\'/C {touch}\'!A0","=HYPERLINK(""{url}"")"\n'.encode(),
        "shell words": f"$({touch}) `{touch}` ; {touch} | {touch}".encode(),
    }


def tried(canaries: Canaries, call: Callable[[], object]) -> None:
    """A refusal in the platform's words is as good as an answer; anything else is a crash, which is no refusal."""
    try:
        canaries.said.append(repr(call()))
    except PlatformError as error:
        canaries.said.append(f"{error} {error.details}")


def test_files_to_import_and_clean(canaries: Canaries, tmp_path: Path, evidence: Evidence) -> None:
    harmed: list[str] = []
    tries = 0
    for payload, data in payloads(canaries).items():
        for extension in ("jsonl", "json", "csv", "txt", "html", "pkl", "zip", "py"):
            for keep in (True, False):
                root, work = tmp_path / f"{tries}-in", tmp_path / f"{tries}-work"
                root.mkdir()
                (root / f"file.{extension}").write_bytes(data)
                job = {"root": str(root), "options": {"keep_good_rows": keep}}
                tried(canaries, lambda job=job, work=work: importing.run(job, work, SilentReporter()))  # type: ignore[misc]
                if (work / "out").is_dir():
                    rules = [{"rule": "strip_html"}, {"rule": "deduplicate"}]
                    cleaned = {"input": str(work / "out"), "rules": rules, "options": {"processes": 1}}
                    tried(canaries, lambda job=cleaned, at=work / "clean": cleaning.run(job, at, SilentReporter()))  # type: ignore[misc]
                harmed += [f"{payload} as {extension}: {what}" for what in canaries.harmed(work)]
                tries += 1
    evidence("I14", "hostile files imported and cleaned", tries=tries, violations=len(harmed))
    assert harmed == []


def test_names_and_links_that_lead_out(canaries: Canaries, tmp_path: Path, evidence: Evidence) -> None:
    store = ArtifactStore(tmp_path / "store")
    harmed: list[str] = []
    paths = [
        "../secret.txt",
        str(canaries.secret),
        "a/../../secret.txt",
        "file:///secret",
        "a\0b",
        "link",
        "folder/secret.txt",
        "~/secret.txt",
    ]
    for number, path in enumerate(paths):
        root, work = canaries.folder / f"in-{number}", tmp_path / f"work-{number}"
        (root / "a").mkdir(parents=True)
        (root / "good.txt").write_text("good")
        (root / "link").symlink_to(canaries.secret)
        (root / "folder").symlink_to(canaries.folder)
        tried(canaries, lambda: importing.run({"root": str(root), "paths": [path]}, work, SilentReporter()))  # noqa: B023  # run at once
        tried(canaries, lambda: store.publish(root))  # noqa: B023
        harmed += [f"{path}: {what}" for what in canaries.harmed(work, tmp_path / "store")]
    evidence("I14", "names and links that lead out of their root", tries=2 * len(paths), violations=len(harmed))
    assert harmed == []


def test_parts_of_models_and_checkpoints(canaries: Canaries, tmp_path: Path, evidence: Evidence) -> None:
    model.train(tmp_path / "trained")
    kept = tmp_path / "work"
    checkpoint.save(kept, checkpoint.Checkpoint({}, {}, {"step": 1, "fingerprint": "f"}))
    harmed: list[str] = []
    tries = 0
    for payload, data in payloads(canaries).items():
        for part in (artifact.CONFIG, artifact.TOKENIZER, artifact.WEIGHTS):
            copy = shutil.copytree(tmp_path / "trained", tmp_path / f"model-{tries}")
            (copy / part).write_bytes(data)
            tried(canaries, lambda copy=copy: artifact.load(copy))  # type: ignore[misc]
            harmed += [f"{payload} as {part}: {what}" for what in canaries.harmed()]
            tries += 1
        for part in (checkpoint.STATE, checkpoint.MANIFEST, checkpoint.WEIGHTS, checkpoint.OPTIMIZER):
            work = shutil.copytree(kept, tmp_path / f"checkpoint-{tries}")
            (work / "ckpt-00000001" / part).write_bytes(data)
            tried(canaries, lambda work=work: checkpoint.latest(work, "f"))  # type: ignore[misc]
            harmed += [f"{payload} as {part}: {what}" for what in canaries.harmed()]
            tries += 1
    evidence("I14", "payloads for parts of models and checkpoints", tries=tries, violations=len(harmed))
    assert harmed == []


def test_parts_of_bundles(canaries: Canaries, tmp_path: Path, evidence: Evidence) -> None:
    model.train(tmp_path / "trained")
    export.run({"artifact_path": str(tmp_path / "trained")}, tmp_path / "export", SilentReporter())
    source, whole = tmp_path / "export" / "out", tmp_path / "whole"
    bundle.pack(source, whole, SERVING)
    assert SECRET not in repr(OnnxLM.open(whole, 1))  # a good one opens: what follows is refused for what was put into it
    harmed: list[str] = []
    tries = 0

    def attempt(name: str, folder: Path, packed: Path) -> None:
        nonlocal tries
        tried(canaries, lambda: bundle.pack(folder, packed, SERVING))
        tried(canaries, lambda: bundle.verify(folder, None))
        tried(canaries, lambda: OnnxLM.open(folder, 1))
        harmed.extend(f"{name}: {what}" for what in canaries.harmed(packed))
        tries += 3

    for payload, data in payloads(canaries).items():
        for part in (bundle.MODEL, bundle.TOKENIZER, bundle.CONFIG, bundle.MANIFEST):
            folder = shutil.copytree(whole, tmp_path / f"bundle-{tries}")
            (folder / part).write_bytes(data)
            attempt(f"{payload} as {part}", folder, tmp_path / f"packed-{tries}")
    for location in ("../secret.txt", str(canaries.secret), f"http://127.0.0.1:{canaries.port}/", os.path.relpath(canaries.secret, whole)):
        folder = shutil.copytree(whole, tmp_path / f"bundle-{tries}")
        proto = onnx.load(folder / bundle.MODEL)
        tensor = helper.make_tensor("outside", TensorProto.UINT8, [len(SECRET)], bytes(len(SECRET)), raw=True)
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value=location)
        proto.graph.initializer.append(tensor)
        onnx.save(proto, folder / bundle.MODEL)
        attempt(f"weights at {location}", folder, tmp_path / f"packed-{tries}")
    evidence("I14", "payloads for parts of bundles", tries=tries, violations=len(harmed))
    assert harmed == []


def test_the_canaries_sing(canaries: Canaries, tmp_path: Path) -> None:
    """What would have been seen: a payload that is run, a secret that is copied, a connection that is opened."""
    import pickle

    assert pickle.loads(payloads(canaries)["pickle, protocol 4"]) == 0  # this is the attack
    assert canaries.harmed() == ["code ran"]
    shutil.copy(canaries.secret, tmp_path / "copied")
    socket.create_connection(("127.0.0.1", canaries.port)).close()
    assert canaries.harmed(tmp_path) == ["connected", "secret came out"]
    canaries.said.append(f"cannot read: {SECRET}")
    assert canaries.harmed() == ["secret came out"]
