"""A kept verdict is the one that would be given now, whatever the clock does; changed rows are another basis."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.model.domain.basis import Basis
from services.model.domain.gate import Evidence, EvidenceKind, GateComparator, GateRule, GateVerdictKind, ReleaseGate, judge
from services.model.domain.version import ModelVersionStatus
from services.model.service import ModelService
from tests.support.stores import caller
from tests.unit.model.chain import BAD, GOOD, evidence, version_in

HOUR = 3_600_000
DIGESTS = ("sha256:a", "sha256:b")
RULES = [GateRule(metric, GateComparator.AT_LEAST, 0.5) for metric in ("exact_match", "token_f1")]


def measured(id: int, digest: str, metric: str, value: float, hour: int) -> Evidence:
    return Evidence(id, 2, 3, digest, 1, 1, "h", {"leak": 0.0, metric: value}, 10, create_time=hour * HOUR, kind=EvidenceKind.RELEASE)


results = st.builds(
    measured,
    st.integers(1, 9),
    st.sampled_from(DIGESTS),
    st.sampled_from(["exact_match", "token_f1"]),
    st.sampled_from([0.2, 0.8]),
    st.integers(0, 9),
)


@given(
    st.lists(results, max_size=4), st.integers(0, 3), st.lists(st.tuples(st.sampled_from(DIGESTS), st.integers(0, 15 * HOUR)), max_size=9)
)
def test_a_kept_verdict_is_the_one_of_now(known: list[Evidence], hours: int, looks: list[tuple[str, int]]) -> None:
    gate = ReleaseGate(1, 2, 3, 4, True, RULES, version=9, max_age_hours=hours)
    basis = Basis(gate, known)
    for digest, now in looks:
        assert basis.verdict(digest, now) == judge(gate, digest, known, now)


def test_a_result_ends_while_its_verdict_is_kept() -> None:
    gate = ReleaseGate(1, 2, 3, 4, True, RULES[:1], version=9, max_age_hours=1)
    basis = Basis(gate, [measured(1, DIGESTS[0], "exact_match", 0.8, hour=2)])
    verdicts = [basis.verdict(DIGESTS[0], now).verdict for now in (2 * HOUR, 3 * HOUR - 1, 3 * HOUR, 2 * HOUR)]
    assert verdicts == [GateVerdictKind.PASS, GateVerdictKind.PASS, GateVerdictKind.NO_DATA, GateVerdictKind.PASS]


def test_what_is_looked_at_again_follows_every_change(service: ModelService) -> None:
    version = version_in(service, ModelVersionStatus.REJECTED)

    def seen() -> tuple[GateVerdictKind, GateVerdictKind]:
        found = service.get_model_status(caller(), project_id=version.project_id).verdict
        assert found is not None
        return found.verdict, service.check_gate(caller(), model_version_id=version.id, digest=found.digest).verdict

    assert seen() == seen() == (GateVerdictKind.FAIL, GateVerdictKind.FAIL)
    evidence(service, version, GOOD)
    assert seen() == (GateVerdictKind.PASS, GateVerdictKind.PASS)
    evidence(service, version, BAD)
    assert seen() == (GateVerdictKind.FAIL, GateVerdictKind.FAIL)
