"""``client.resource``: machine rooms, compute nodes, quotas and reservations under short names."""

from __future__ import annotations

from libs.client.groups.resource import ResourceCalls


class Resource(ResourceCalls):
    rooms, nodes, reservations = ResourceCalls.list_rooms, ResourceCalls.list_nodes, ResourceCalls.list_reservations
    renew, release, explain = ResourceCalls.renew_reservation, ResourceCalls.release_reservation, ResourceCalls.explain_request
    reservation, quotas, my_quotas = ResourceCalls.get_reservation, ResourceCalls.list_quotas, ResourceCalls.get_my_quotas
    prices, usage, quote, cost, platform_cost = (
        ResourceCalls.list_prices,
        ResourceCalls.list_usage,
        ResourceCalls.get_quote,
        ResourceCalls.get_cost,
        ResourceCalls.get_platform_cost,
    )
