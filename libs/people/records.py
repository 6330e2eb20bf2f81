"""The nouns of people's work as they are stored."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from libs.people.states import AssignmentStatus, ItemStatus, JobStatus, Lane, WorkRole


@dataclass(frozen=True)
class Pool:
    """People under a name. users, departments: their ids; of a department everybody in it, whoever that is at the time."""

    id: int
    name: str
    project_space_id: int
    user_id: int
    users: list[int] = field(default_factory=list)
    departments: list[int] = field(default_factory=list)
    create_time: int = 0
    update_time: int = 0
    version: int = 0


@dataclass(frozen=True)
class TemplateName:
    """A template under its name. kind: the sort of work it is for. newest_id: of its newest version."""

    id: int
    name: str
    project_space_id: int
    user_id: int
    kind: str
    newest_id: int = 0
    create_time: int = 0
    update_time: int = 0
    version: int = 0


@dataclass(frozen=True)
class TemplateVersion:
    """What is asked, for ever. body: as ``template_reading`` takes it."""

    id: int
    template_id: int
    project_space_id: int
    user_id: int
    number: int
    body: dict[str, Any]
    create_time: int = 0


@dataclass(frozen=True)
class Job:
    """Items for people, and the rule by which they get them. Its id is that of the task whose work it is.

    annotators, inspectors: pools; without annotators everybody who may, without inspectors nobody looks again. skill: what reliability is
    counted by. items, items_done: without those whose answer is known. next_place: in the lanes that are filled while people work.
    """

    id: int
    project_space_id: int
    user_id: int
    template_version_id: int
    rule: dict[str, Any]
    seed: str
    skill: str = ""
    annotators: list[int] = field(default_factory=list)
    inspectors: list[int] = field(default_factory=list)
    status: JobStatus = JobStatus.LAYING
    items: int = 0
    items_done: int = 0
    next_place: int = 0
    create_time: int = 0
    update_time: int = 0
    version: int = 0


@dataclass(frozen=True)
class Item:
    """One thing people answer about. number: its place in the data. author_id: who made it and is never asked about it, 0 = nobody.

    lane, place: where it waits; free: how many more people may take it. round: how often it was begun anew. answered: answers of this
    round. gold_answer: the known one, {} = it is no such item. result: what the answers say together, or what an inspector said. note: the
    last word of an inspector.
    """

    id: int
    job_id: int
    project_space_id: int
    number: int
    content: dict[str, Any]
    author_id: int = 0
    gold: bool = False
    gold_answer: dict[str, Any] = field(default_factory=dict)
    inspect: bool = False
    status: ItemStatus = ItemStatus.OPEN
    lane: Lane = Lane.NONE
    place: int = 0
    free: int = 0
    round: int = 0
    answered: int = 0
    skips: int = 0
    result: dict[str, Any] = field(default_factory=dict)
    share: float = 0.0
    inspector_id: int = 0
    note: str = ""
    create_time: int = 0
    update_time: int = 0
    version: int = 0


@dataclass(frozen=True)
class Assignment:
    """One item in the hands of one person. person_id: None once it was given back, so that they may have the item again.

    nth: counts a person's answers and skips in a job, 0 = neither yet. answer: the draft while it is held. verdict: of a known answer: 1
    met, 2 missed, 0 not looked at. agreed: with the item's result: 1 yes, 2 no, 0 nothing to compare with.
    """

    id: int
    job_id: int
    item_id: int
    project_space_id: int
    person_id: int | None
    role: WorkRole
    round: int
    gold: bool = False
    status: AssignmentStatus = AssignmentStatus.HELD
    lease_until: int = 0
    claim_time: int = 0
    submit_time: int = 0
    nth: int = 0
    answer: dict[str, Any] = field(default_factory=dict)
    note: str = ""
    reason: str = ""
    verdict: int = 0
    agreed: int = 0
    left_by: int = 0
    create_time: int = 0
    update_time: int = 0
    version: int = 0


@dataclass(frozen=True)
class Member:
    """One person in one job and role.

    passed_fresh, passed_returned, passed_gold: the places up to which they have seen each lane. claims: items they were ever given. load:
    those that count against cap and lead. head_start: what somebody who came late is taken to have done, so that nobody waits for them to
    catch up. present_until: how long others wait for them. held, answered, skipped, lapsed: how many. nth: see Assignment. gold_mark: the
    nth of the last known answer they met. waiting_gold: answers to known ones that are not looked at yet. compared, agreed: answers beside
    a result, and those that say the same; inspected, upheld: where an inspector decided.
    """

    id: int
    job_id: int
    project_space_id: int
    person_id: int
    role: WorkRole
    skill: str = ""
    passed_fresh: int = 0
    passed_returned: int = 0
    passed_gold: int = 0
    claims: int = 0
    load: int = 0
    head_start: int = 0
    present_until: int = 0
    held: int = 0
    answered: int = 0
    skipped: int = 0
    lapsed: int = 0
    nth: int = 0
    gold_met: int = 0
    gold_missed: int = 0
    gold_mark: int = 0
    waiting_gold: list[int] = field(default_factory=list)
    compared: int = 0
    agreed: int = 0
    inspected: int = 0
    upheld: int = 0
    create_time: int = 0
    update_time: int = 0
    version: int = 0


@dataclass(frozen=True)
class Said:
    """What somebody answered about an item, for its inspector."""

    person_id: int
    answer: dict[str, Any]
    note: str
    skipped: str


@dataclass(frozen=True)
class Work:
    """An assignment as its person sees it: an item of a known answer looks like any other, and nothing of others is here unless the person
    inspects. order: from which the order of what is shown side by side is drawn."""

    id: int
    job_id: int
    role: WorkRole
    status: AssignmentStatus
    content: dict[str, Any]
    answer: dict[str, Any]
    note: str
    reason: str
    lease_until: int
    submit_time: int
    order: int
    proposal: dict[str, Any] = field(default_factory=dict)
    said: list[Said] = field(default_factory=list)
    version: int = 0
