"""Reservations: quotas and nodes bound them, leases end them, and what is held is given back once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from libs.common.clock import ManualClock
from libs.common.errors import PlatformError, Reason
from services.resource.domain.allowance import QuotaKind
from services.resource.domain.node import NodeHealth, PlaceSecrecy
from services.resource.domain.reservation import ReservationStatus as S
from services.resource.service import ResourceService
from tests.support.stores import caller
from tests.unit.resource.world import ADMIN, ME, PAGE, node, quota, refused, set_quota, violations


def test_without_nodes_and_quotas_everything_fits_and_is_counted(service: ResourceService) -> None:
    found = service.create_reservation(ME, holder="train-1", cpu_milli=4000).reservation
    assert (found.status, found.node_id) == (S.HELD, 0)
    assert [quota(service, ME, kind).used.cpu_milli for kind in (QuotaKind.PLATFORM, QuotaKind.PERSON, QuotaKind.SPACE)] == [4000] * 3
    assert violations(service) == []


def test_the_same_holder_gets_the_same_reservation_and_no_other(service: ResourceService) -> None:
    first = service.create_reservation(ME, holder="train-1", cpu_milli=4000).reservation
    assert service.create_reservation(ME, holder="train-1", cpu_milli=4000).reservation.id == first.id
    assert refused(service, ME, holder="train-1", cpu_milli=1).reason == Reason.ALREADY_EXISTS
    assert service.create_reservation(caller(user=7, space=4), holder="train-1", cpu_milli=1).reservation.id != first.id
    assert quota(service, ME, QuotaKind.PERSON).used.cpu_milli == 4001


@pytest.mark.parametrize("kind", list(QuotaKind))
def test_each_level_of_the_tree_bounds(service: ResourceService, kind: QuotaKind) -> None:
    subjects = {QuotaKind.PLATFORM: 0, QuotaKind.DEPARTMENT: 5, QuotaKind.PERSON: 7, QuotaKind.SPACE: 3}
    set_quota(service, kind=QuotaKind.PERSON, subject_id=7, department_id=5)
    bound = {"department_id": 5} if kind == QuotaKind.PERSON else {}
    set_quota(service, kind=kind, subject_id=subjects[kind], cpu_milli=1000, replicas=3, **bound)
    service.create_reservation(ME, holder="a", cpu_milli=1000)
    error = refused(service, ME, holder="b", cpu_milli=1)
    assert (error.reason, error.field, error.details["free"], error.details["subject"]) == (
        Reason.QUOTA_EXCEEDED,
        "cpu_milli",
        0,
        kind.name.lower(),
    )
    service.create_reservation(ME, holder="c", replicas=3)
    assert refused(service, ME, holder="d", replicas=1).field == "replicas"
    assert violations(service) == []


def test_a_quota_lowered_below_what_is_held_takes_nothing_away_and_gives_nothing_more(service: ResourceService) -> None:
    held = service.create_reservation(ME, holder="a", cpu_milli=4000, memory_mb=10).reservation
    set_quota(service, kind=QuotaKind.SPACE, subject_id=3, cpu_milli=1000)
    assert service.renew_reservation(ME, id=held.id).status == S.HELD
    assert refused(service, ME, holder="b", cpu_milli=1).details["free"] == 0
    assert service.create_reservation(ME, holder="c", memory_mb=10).reservation.status == S.HELD
    service.release_reservation(ME, id=held.id)
    assert quota(service, ME, QuotaKind.SPACE).used.cpu_milli == 0
    assert service.create_reservation(ME, holder="d", cpu_milli=1000).reservation.status == S.HELD


def test_released_and_lapsed_reservations_give_back_once(service: ResourceService, clock: ManualClock) -> None:
    first = service.create_reservation(ME, holder="a", cpu_milli=1000, lease_seconds=10).reservation
    second = service.create_reservation(ME, holder="b", cpu_milli=500, lease_seconds=100).reservation
    clock.advance(11)
    assert quota(service, ME, QuotaKind.SPACE).used.cpu_milli == 1500  # until somebody looks
    with pytest.raises(PlatformError) as caught:
        service.renew_reservation(ME, id=first.id)
    assert caught.value.reason == Reason.RESERVATION_OVER
    assert (service.sweep(), service.sweep()) == (1, 0)
    assert service.get_reservation(ME, id=first.id).reservation.status == S.LAPSED
    for _ in range(2):
        assert service.release_reservation(ME, id=second.id).status == S.RELEASED
        assert service.release_reservation(ME, id=first.id).status == S.LAPSED
    assert quota(service, ME, QuotaKind.SPACE).used.cpu_milli == 0
    assert violations(service) == []


def test_what_lapsed_makes_room_for_who_asks_without_waiting_for_the_sweeper(service: ResourceService, clock: ManualClock) -> None:
    set_quota(service, kind=QuotaKind.SPACE, subject_id=3, cpu_milli=1000)
    service.create_reservation(ME, holder="a", cpu_milli=1000, lease_seconds=10)
    clock.advance(11)
    assert service.create_reservation(ME, holder="b", cpu_milli=1000).reservation.status == S.HELD
    assert service.create_reservation(ME, holder="c", replicas=1).reservation.status == S.HELD
    assert violations(service) == []


def test_after_an_outage_of_the_service_what_ran_out_meanwhile_may_be_renewed(service: ResourceService, clock: ManualClock) -> None:
    set_quota(service, kind=QuotaKind.SPACE, subject_id=3, cpu_milli=2000)
    lives, died = (service.create_reservation(ME, holder=name, cpu_milli=1000, lease_seconds=10).reservation for name in "ab")
    clock.advance(100)
    again = ResourceService(service.db, grace_seconds=30)
    assert refused(again, ME, holder="c", cpu_milli=1000).reason == Reason.QUOTA_EXCEEDED  # whoever waits does not get what others may have
    assert again.renew_reservation(ME, id=lives.id).status == S.HELD
    clock.advance(31)
    assert again.sweep() == 1
    assert again.get_reservation(ME, id=died.id).reservation.status == S.LAPSED
    assert again.create_reservation(ME, holder="c", cpu_milli=1000).reservation.status == S.HELD
    assert violations(again) == []


def test_it_says_whether_anything_is_bounded(service: ResourceService, clock: ManualClock) -> None:
    def bounded() -> bool:
        clock.advance(3)  # an answer is believed for a moment
        return service.create_reservation(ME, holder="a", cpu_milli=1, lease_seconds=600).bounded

    assert not bounded()
    set_quota(service, kind=QuotaKind.PERSON, subject_id=8, tokens=1)
    assert bounded()
    set_quota(service, kind=QuotaKind.PERSON, subject_id=8)
    assert not bounded()
    made = node(service)
    assert bounded()
    service.delete_node(replace(ADMIN, expected_version=made.version), id=made.id)
    assert not bounded()


def test_a_foreign_space_sees_and_ends_no_reservation(service: ResourceService) -> None:
    held = service.create_reservation(ME, holder="a", cpu_milli=1).reservation
    other = caller(user=7, space=4)
    for verb in (service.get_reservation, service.renew_reservation, service.release_reservation):
        with pytest.raises(PlatformError) as caught:
            verb(other, id=held.id)
        assert caught.value.reason == Reason.NOT_FOUND
    assert service.list_reservations(other, page=PAGE).items == []


def test_nodes_are_filled_tightly_and_bounded(service: ResourceService) -> None:
    small, large = node(service, "small", cpu=2000), node(service, "large", cpu=8000)
    assert service.create_reservation(ME, holder="a", cpu_milli=2000).reservation.node_id == small.id
    assert service.create_reservation(ME, holder="b", cpu_milli=8000).reservation.node_id == large.id
    error = refused(service, ME, holder="c", cpu_milli=500)
    assert (error.reason, error.details["asked"], error.details["free"]) == (Reason.CAPACITY_SHORT, 500, 0)
    assert refused(service, ME, holder="c", cpu_milli=9000, wait=True).reason == Reason.NEVER_FITS
    assert service.create_reservation(ME, holder="d", cpu_milli=9000, unplaced=True).reservation.node_id == 0
    held = {each.name: each.held.cpu_milli for each in service.list_nodes(ME, page=PAGE).items}
    assert held == {"small": 2000, "large": 8000}
    assert violations(service) == []


def test_place_decides_by_room_accelerator_labels_and_secrecy(service: ResourceService) -> None:
    card = {"accelerator_milli": 2000, "vendor": "acme", "model": "x1", "accelerator_memory_mb": 80_000, "share": 4}
    plain = node(service, "plain", secrecy=PlaceSecrecy.INTERNAL)
    cards = node(service, "cards", room="r2", labels={"net": "fast"}, **card)
    at = {
        "room": {"room": "r2"},
        "vendor": {"vendor": "acme"},
        "model": {"model": "x1"},
        "label": {"labels": {"net": "fast"}},
        "secrecy": {"secrecy": PlaceSecrecy.CONFIDENTIAL},
        "share": {"accelerator_milli": 250},
    }
    for name, request in at.items():
        found = service.create_reservation(ME, holder=name, cpu_milli=1, **request).reservation  # type: ignore[arg-type]
        assert found.node_id == cards.id, name
    assert refused(service, ME, holder="e", accelerator_milli=300).reason == Reason.NEVER_FITS  # it is cut into quarters
    assert refused(service, ME, holder="e", cpu_milli=1, labels={"net": "slow"}).reason == Reason.NEVER_FITS
    assert refused(service, ME, holder="e", cpu_milli=1, room="r9").reason == Reason.NOT_FOUND
    service.update_node(caller(expected=plain.version), id=plain.id, draining=True)
    assert service.create_reservation(ME, holder="f", cpu_milli=1).reservation.node_id == cards.id


def test_a_node_that_is_silent_or_lies_about_its_time_gets_nothing_new(service: ResourceService, clock: ManualClock) -> None:
    made = node(service, heartbeat_seconds=10)
    service.create_reservation(ME, holder="a", cpu_milli=1)
    clock.advance(31)
    assert service.list_nodes(ME, page=PAGE).items[0].health == NodeHealth.SILENT
    assert refused(service, ME, holder="b", cpu_milli=1).reason == Reason.CAPACITY_SHORT
    reported = service.report_node(ADMIN, id=made.id, node_time=clock.now_ms() + 61_000)
    assert (reported.health, reported.heartbeat_time) == (NodeHealth.CLOCK_OFF, clock.now_ms())
    assert refused(service, ME, holder="b", cpu_milli=1).reason == Reason.CAPACITY_SHORT
    assert service.report_node(ADMIN, id=made.id, node_time=clock.now_ms() - 1).health == NodeHealth.UP
    assert service.create_reservation(ME, holder="b", cpu_milli=1).reservation.node_id == made.id


def test_a_node_in_use_is_not_taken_out(service: ResourceService) -> None:
    made = node(service)
    held = service.create_reservation(ME, holder="a", cpu_milli=1).reservation
    with pytest.raises(PlatformError) as caught:
        service.delete_node(caller(expected=made.version), id=made.id)
    assert caught.value.reason == Reason.NODE_IN_USE
    service.release_reservation(ME, id=held.id)
    service.delete_node(caller(expected=made.version), id=made.id)
    assert service.list_nodes(ME, page=PAGE).items == []
    assert service.create_room(ADMIN, name="again").name == "again"
    assert node(service).name == made.name  # its name is free
    assert violations(service) == []


def test_accelerator_time_is_paid_ahead_and_never_overspent(service: ResourceService, clock: ManualClock) -> None:
    set_quota(service, kind=QuotaKind.PERSON, subject_id=7, accelerator_seconds=100)
    held = service.create_reservation(ME, holder="a", accelerator_milli=1000, lease_seconds=40).reservation
    assert quota(service, ME, QuotaKind.PERSON).used.accelerator_seconds == 40
    clock.advance(30)
    service.renew_reservation(ME, id=held.id, lease_seconds=60)  # to second 90
    assert quota(service, ME, QuotaKind.PERSON).used.accelerator_seconds == 90
    clock.advance(30)
    with pytest.raises(PlatformError) as caught:
        service.renew_reservation(ME, id=held.id, lease_seconds=60)
    assert (caught.value.reason, caught.value.details["free"]) == (Reason.BUDGET_SPENT, 10)
    service.release_reservation(ME, id=held.id)  # after 60 seconds
    assert quota(service, ME, QuotaKind.PERSON).used.accelerator_seconds == 60
    assert refused(service, ME, holder="b", accelerator_milli=1000, lease_seconds=60).reason == Reason.BUDGET_SPENT
    assert service.create_reservation(ME, holder="b", accelerator_milli=500, lease_seconds=60).reservation.status == S.HELD


def test_a_new_window_begins_anew_and_gets_nothing_back_of_the_old_one(service: ResourceService, clock: ManualClock) -> None:
    from services.resource.domain.window import QuotaWindow

    set_quota(service, kind=QuotaKind.SPACE, subject_id=3, tokens=100, window=QuotaWindow.DAY)
    held = service.create_reservation(ME, holder="a", tokens=80, lease_seconds=86_400).reservation
    assert refused(service, ME, holder="b", tokens=30).reason == Reason.BUDGET_SPENT
    clock.advance(86_400 - 1)
    assert service.create_reservation(ME, holder="b", tokens=30).reservation.status == S.HELD
    service.release_reservation(ME, id=held.id, tokens_left=50)
    assert quota(service, ME, QuotaKind.SPACE).used.tokens == 30
    with pytest.raises(PlatformError) as caught:
        service.release_reservation(ME, id=held.id, tokens_left=81)
    assert caught.value.field == "tokens_left"


def test_tokens_left_come_back_within_the_window(service: ResourceService) -> None:
    held = service.create_reservation(ME, holder="a", tokens=80, annotation_seconds=9).reservation
    service.release_reservation(ME, id=held.id, tokens_left=50, annotation_seconds_left=9)
    used = quota(service, ME, QuotaKind.PLATFORM).used
    assert (used.tokens, used.annotation_seconds) == (30, 0)


def test_a_person_who_holds_something_stays_in_the_department(service: ResourceService) -> None:
    set_quota(service, kind=QuotaKind.PERSON, subject_id=7, department_id=5)
    held = service.create_reservation(ME, holder="a", cpu_milli=1).reservation
    with pytest.raises(PlatformError) as caught:
        set_quota(service, kind=QuotaKind.PERSON, subject_id=7, department_id=6)
    assert caught.value.reason == Reason.QUOTA_IN_USE
    service.release_reservation(ME, id=held.id)
    set_quota(service, kind=QuotaKind.PERSON, subject_id=7, department_id=6)
    service.create_reservation(ME, holder="b", cpu_milli=1)
    used = {each.subject_id: each.used.cpu_milli for each in service.list_quotas(ADMIN, page=PAGE, kind=QuotaKind.DEPARTMENT).items}
    assert used == {5: 0, 6: 1}
    assert violations(service) == []


@pytest.mark.parametrize(("kind", "subject", "department"), [(QuotaKind.PLATFORM, 1, 0), (QuotaKind.SPACE, 0, 0), (QuotaKind.SPACE, 3, 5)])
def test_a_quota_of_nothing_is_refused(service: ResourceService, kind: QuotaKind, subject: int, department: int) -> None:
    with pytest.raises(PlatformError) as caught:
        set_quota(service, kind=kind, subject_id=subject, department_id=department)
    assert caught.value.reason == Reason.INVALID_ARGUMENT


def test_bad_nodes_are_refused(service: ResourceService) -> None:
    service.create_room(ADMIN, name="low", secrecy=PlaceSecrecy.INTERNAL)
    node(service)
    wrong = (
        ({"room": "nowhere"}, Reason.NOT_FOUND, None),
        ({"name": "n1"}, Reason.ALREADY_EXISTS, "name"),
        ({"room": "low", "secrecy": PlaceSecrecy.SECRET}, Reason.INVALID_ARGUMENT, "secrecy"),
        ({"accelerator_milli": 500, "vendor": "a", "model": "b"}, Reason.INVALID_ARGUMENT, "accelerator_milli"),
        ({"accelerator_milli": 1000}, Reason.INVALID_ARGUMENT, "vendor"),
    )
    for facts, reason, field in wrong:
        with pytest.raises(PlatformError) as caught:
            service.create_node(ADMIN, **{"name": "n2", "room": "r1", "cpu_milli": 1, "memory_mb": 1, **facts})  # type: ignore[arg-type]
        assert (caught.value.reason, caught.value.field) == (reason, field)
    assert refused(service, ME, holder="a").field == "cpu_milli"
