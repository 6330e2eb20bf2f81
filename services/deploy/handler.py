"""The Thrift door of the deploy domain: which verb answers which RPC."""

from __future__ import annotations

from libs.common.rpc.door import Verb, answers
from services.deploy.service import DeployService

# Reads by key or by one index, short enough for the event loop on the embedded store.
INLINE = frozenset({"GetConfig", "GetWorkOrder", "GetSlot", "ResolveModel", "ResolveRoutes", "GetDeployState"})


def verbs(s: DeployService) -> dict[str, Verb]:
    return {
        "CreateConfig": answers(s.create_config, "config"),
        "GetConfig": answers(s.get_config, "config"),
        "ListConfigs": answers(s.list_configs, "configs"),
        "CreateWorkOrder": answers(s.create_work_order, "work_order"),
        "GetWorkOrder": answers(s.get_work_order, "work_order"),
        "ListWorkOrders": answers(s.list_work_orders, "work_orders"),
        "ApproveWorkOrder": answers(s.approve_work_order, "work_order"),
        "RejectWorkOrder": answers(s.reject_work_order, "work_order"),
        "CancelWorkOrder": answers(s.cancel_work_order, "work_order"),
        "RollBackWorkOrder": answers(s.roll_back_work_order, "work_order"),
        "GetSlot": answers(s.get_slot, "slot"),
        "ListSlots": answers(s.list_slots, "slots"),
        "ResolveModel": answers(s.resolve_model, "endpoints"),
        "ResolveRoutes": answers(s.resolve_routes, "routes"),
        "GetDeployState": answers(s.get_deploy_state),
    }
