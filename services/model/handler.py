"""The Thrift door of the model domain: which verb answers which RPC."""

from __future__ import annotations

from libs.common.rpc.door import Verb, answers
from services.model.service import ModelService

# Reads by key, short enough for the event loop on the embedded store.
INLINE = frozenset({"GetProject", "GetVersion", "GetGate", "GetModelStatus", "CheckGate", "FindProject"})


def verbs(s: ModelService) -> dict[str, Verb]:
    return {
        "CreateProject": answers(s.create_project, "project"),
        "GetProject": answers(s.get_project, "project"),
        "FindProject": answers(s.find_project, "project"),
        "ListProjects": answers(s.list_projects, "projects"),
        "UpdateProject": answers(s.update_project, "project"),
        "DeleteProject": answers(s.delete_project, "project"),
        "CreateVersion": answers(s.create_version, "model_version"),
        "GetVersion": answers(s.get_version, "model_version"),
        "ListVersions": answers(s.list_versions, "model_versions"),
        "StartTraining": answers(s.start_training, "model_version"),
        "RecordTrained": answers(s.record_trained, "model_version"),
        "RecordTrainingEnded": answers(s.record_training_ended, "model_version"),
        "StartEvaluation": answers(s.start_evaluation, "model_version"),
        "RecordEvaluation": answers(s.record_evaluation),
        "RecordEvaluationEnded": answers(s.record_evaluation_ended, "model_version"),
        "RecordPackage": answers(s.record_package, "model_version"),
        "RecordServing": answers(s.record_serving, "project"),
        "RetireVersion": answers(s.retire_version, "model_version"),
        "QuarantineVersion": answers(s.quarantine_version, "model_version"),
        "SetGate": answers(s.set_gate, "gate"),
        "GetGate": answers(s.get_gate, "gate"),
        "CheckGate": answers(s.check_gate, "verdict"),
        "ListEvidence": answers(s.list_evidence, "evidence"),
        "GetLineage": answers(s.get_lineage, "edges"),
        "GetModelStatus": answers(s.get_model_status),
    }
