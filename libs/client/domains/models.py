"""Models, their versions, names, gate and status."""

from __future__ import annotations

from collections.abc import Iterator

from libs.client.failure import Json
from libs.client.group import part
from libs.client.groups.model import ModelCalls


class Models(ModelCalls):
    """Projects, versions, other names, the release gate, the composed status."""

    create, get, find = ModelCalls.create_project, ModelCalls.get_project, ModelCalls.find_project
    update, delete = ModelCalls.update_project, ModelCalls.delete_project
    versions, version, evidence = ModelCalls.list_versions, ModelCalls.get_version, ModelCalls.list_evidence
    verdict, lineage, gate = ModelCalls.check_gate, ModelCalls.get_lineage, ModelCalls.get_gate
    aliases, events, card = ModelCalls.list_aliases, ModelCalls.list_state_events, ModelCalls.get_card
    explain, overrides, override = ModelCalls.explain_gate, ModelCalls.list_overrides, ModelCalls.get_override

    def list(self, prefix: str | None = None) -> Iterator[Json]:
        return self.list_projects(name_prefix=prefix)

    def status(self, id: str | int, as_of: int | None = None) -> Json:
        """Train, eval and deploy state in one answer; ``missing`` names the parts that did not answer. as_of: what was true and live at a
        moment instead, milliseconds since the epoch: the parts model and deploy, from the history."""
        found: Json = self._ask("GET", f"/models/{part(id)}/status", query=None if as_of is None else {"as_of": str(as_of)})
        return found

    def resolve(self, name: str) -> Json:
        """What a name stands for: {"project", "model_version_number"}; the number is 0 for whatever is online."""
        return self.resolve_name(name)

    def create_alias(self, id: str | int, name: str, model_version_number: int | None = 0) -> Json:
        """0: for whatever is online."""
        return super().create_alias(id, name, model_version_number=model_version_number)

    def move_alias(self, alias_id: str | int, expected_version: int, model_version_number: int) -> Json:
        return self.update_alias(alias_id, model_version_number, expected_version)
