"""From trained weights to packaged bytes: PENDING, CONVERTING, VERIFYING and PACKAGING, each a child process whose result is published.

Every stage may be done again at any moment: outputs are content-addressed, and a result is noted together with the step to the next stage.
What the same inputs have already given is not done again; the inputs include the code that does it.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from libs.common import fault
from libs.common.errors import PlatformError, Reason
from libs.common.store.storage import ArtifactStore
from libs.common.work.holding import Holding
from services.deploy.domain.instance import BUNDLE
from services.deploy.domain.options import DeployOptions
from services.deploy.domain.order import WorkOrder
from services.deploy.domain.stage import CONVERT, PACKAGE, VERIFY
from services.deploy.engine.serving.options import ServingOptions
from services.deploy.service.neighbours import Neighbours
from services.deploy.service.orders import Orders, Passed, context
from services.deploy.worker.questions import sample

EXPORT = "services.deploy.engine.export:run"
PARITY = "services.deploy.engine.parity:run"
PACK = "services.deploy.worker.packing:run"
_ROOT = Path(__file__).parents[3]
_CODE = ("libs/data", "libs/lm", "libs/models", "services/deploy/engine")
_LIBRARIES = ("torch", "onnx", "onnxscript", "onnxruntime", "tokenizers")


class Build:
    """folder: where orders keep what must survive a crash. threads: of a child process."""

    def __init__(self, orders: Orders, neighbours: Neighbours, artifacts: ArtifactStore, folder: Path, threads: int) -> None:
        self._orders, self._neighbours, self._artifacts = orders, neighbours, artifacts
        self._folder, self._threads = folder, threads

    def start(self, order: WorkOrder, _hold: Holding[WorkOrder]) -> None:
        """The version may have been recalled while the order waited."""
        self._neighbours.releasable(context(order), order.model_version_id, order.model_id)
        self._orders.advance(order, "START", {}, start_time=self._orders.db.clock.now_ms())

    def convert(self, order: WorkOrder, hold: Holding[WorkOrder]) -> None:
        """Trained weights -> one ONNX file with its tokenizer."""
        input_hash = hash_of({"artifact": order.artifact_digest, "code": code_version()})
        result, skipped = self._known(order, CONVERT, input_hash)
        if result is None:
            if not order.artifact_uri.endswith(
                order.artifact_digest
            ):  # the store checks bytes against the address, so it must be the digest
                raise PlatformError(
                    422, Reason.DIGEST_MISMATCH, field="artifact_uri", limit=order.artifact_digest, found=order.artifact_uri
                )
            source = self._artifacts.open(order.artifact_uri)
            work = self._work(order, CONVERT)
            done = self._run(hold, EXPORT, {"artifact_path": str(source)}, work)
            uri, digest = self._artifacts.publish(work / "out")
            result = {"uri": uri, "digest": digest, "bytes": done["bytes"], "opset": done["opset"]}
        fault.point("deploy.after_export_before_advance")
        self._orders.advance(order, "CONVERTED", {"export": {**result, **skipped}}, Passed(CONVERT, input_hash, result))

    def verify(self, order: WorkOrder, hold: Holding[WorkOrder]) -> None:
        """The exported model against the trained one, on real questions. Raises PARITY_FAILED with the figures."""
        options, exported = DeployOptions.from_dict(order.config), order.evidence["export"]
        judge = self._neighbours.judge(context(order), options.eval_config_id)
        tested = self._neighbours.test_version(order, judge.dataset_version_id)
        settings = {
            "tolerance": options.parity_tolerance,
            "max_new_tokens": options.max_new_tokens,
            "keep_answers": options.smoke_probes,
        }
        questions = {
            "dataset_version_id": str(judge.dataset_version_id),
            "content_hash": tested.content_hash,
            "count": options.parity_items,
        }
        input_hash = hash_of(
            {"artifact": order.artifact_digest, "onnx": exported["digest"], **settings, "questions": questions, "code": code_version()}
        )
        result, skipped = self._known(order, VERIFY, input_hash)
        if result is None:
            job = {
                "artifact_path": str(self._artifacts.open(order.artifact_uri)),
                "onnx_path": str(self._artifacts.open(exported["uri"])),
                "questions": sample(self._artifacts.open(tested.uri), tested.records, options.parity_items),
                "threads": self._threads,
                **settings,
            }
            try:
                done = self._run(hold, PARITY, job, self._work(order, VERIFY))
            except PlatformError as error:
                if error.reason == Reason.PARITY_FAILED:
                    self._orders.note(order, {"parity": {**error.details, "passed": False}})
                raise
            result = {**done, "passed": True, "onnx_digest": exported["digest"], "test_version": questions}
        fault.point("deploy.after_parity_before_advance")
        # What the trained model answered is for the smoke test. It repeats the test version, so it is no part of what people are shown.
        shown = {name: value for name, value in result.items() if name != "answers"}
        evidence = {"parity": {**shown, **skipped, "input_hash": input_hash}}
        self._orders.advance(order, "VERIFIED", evidence, Passed(VERIFY, input_hash, result))

    def package(self, order: WorkOrder, hold: Holding[WorkOrder]) -> None:
        """The bytes that will serve get their digest, and the model domain learns whose weights they hold."""
        options, exported = DeployOptions.from_dict(order.config), order.evidence["export"]
        serving = ServingOptions(max_new_tokens=options.max_new_tokens, threads=options.threads).to_json()
        input_hash = hash_of({"onnx": exported["digest"], "serving": serving, "code": code_version()})
        result, skipped = self._known(order, PACKAGE, input_hash)
        if result is None:
            work = self._work(order, PACKAGE)
            job = {"onnx_path": str(self._artifacts.open(exported["uri"])), "serving": serving}
            digest = self._run(hold, PACK, job, work)["digest"]
            uri, _ = self._artifacts.publish(work / "out")
            result = {"digest": digest, "uri": uri}
        fault.point("deploy.after_bundle_before_told")
        self._neighbours.record_package(order, result["digest"])
        fault.point("deploy.after_told_before_packaged")
        self._orders.advance(
            order,
            "PACKAGED",
            {"package": {**result, **skipped}},
            Passed(PACKAGE, input_hash, result),
            digest=result["digest"],
            bundle_uri=result["uri"],
        )

    def _run(self, hold: Holding[WorkOrder], entry: str, job: dict[str, Any], work: Path) -> dict[str, Any]:
        return hold.run_child(entry, job, work, {"OMP_NUM_THREADS": str(self._threads)})

    def _known(self, order: WorkOrder, stage: str, input_hash: str) -> tuple[dict[str, Any] | None, dict[str, Any]]:
        """(result, note for the evidence) of an order that passed this stage with the same inputs, if what it made is still whole."""
        passed = self._orders.passed(order, stage, input_hash)
        if passed is None:
            return None, {}
        try:
            if "uri" in passed.result:
                self._artifacts.open(passed.result["uri"])
        except PlatformError:
            return None, {}  # made again; publishing mends a damaged artifact
        return passed.result, {"skipped": f"passed by work order {passed.work_order_id} with the same inputs"}

    def _work(self, order: WorkOrder, stage: str) -> Path:
        return self._folder / str(order.id) / stage.lower()


def bundle_of(artifacts: ArtifactStore, uri: str, verify: bool) -> Path:
    """The folder of a packaged bundle. Raises NOT_FOUND, CHECKSUM_MISMATCH."""
    return artifacts.open(uri, verify) / BUNDLE


@cache
def code_version() -> str:
    """Hash of the code and the libraries that decide what an export, a parity check and a bundle are: other code, other result."""
    digest = hashlib.sha256()
    for folder in _CODE:
        for path in sorted((_ROOT / folder).rglob("*.py")):
            digest.update(path.relative_to(_ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    for library in _LIBRARIES:
        try:
            digest.update(f"{library} {metadata.version(library)}\n".encode())
        except metadata.PackageNotFoundError:
            digest.update(f"{library} absent\n".encode())
    return digest.hexdigest()


def hash_of(values: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
