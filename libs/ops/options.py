"""The options of every kind of work, for whoever lists them: the command line and the API document. They are read from the registries of
the domains, and those from the files that do the work.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from libs.data import options
from libs.data.kinds import RECORD_KINDS
from libs.data.options import Option
from libs.data.registry import Kind
from libs.metrics import FIGURES, LANGUAGE, METRICS
from services.dataset.engine.kinds import KINDS as DATASET
from services.deploy.engine.kinds import KINDS as DEPLOY
from services.eval.engine.kinds import KINDS as EVAL
from services.train.engine.kinds import KINDS as TRAIN
from services.train.engine.kinds import Method

KINDS: Mapping[str, Mapping[str, Kind]] = {"dataset": DATASET, "train": TRAIN, "eval": EVAL, "deploy": DEPLOY}


def options_of(domain: str, kind: str = "") -> Iterator[Option]:
    """The options of one kind of work, or of all kinds of a domain."""
    for name, each in KINDS[domain].items():
        if kind in ("", name):
            yield from options.options_of(name, each.options)


def schemas() -> dict[str, Any]:
    """JSON schemas by name (``options.dataset.Strip_Html``, ``metrics.eval``, ``records.documents``), for the API document. x-group: which
    sort of work it is, such as rule, converter or method. x-takes, x-tunes: of a training method, its records, whether it has a base."""
    found = {
        f"options.{domain}.{name}": {**options.schema_of(name, kind.options), "x-group": type(kind).__name__.lower(), **_learns(kind)}
        for domain, kinds in KINDS.items()
        for name, kind in kinds.items()
    }
    records = {f"records.{name}": dict(kind.schema) for name, kind in RECORD_KINDS.items()}
    return {
        **found,
        **records,
        "metrics.eval": {"type": "string", "enum": list(METRICS), "description": _metrics()},
        "metrics.figures": {
            "type": "string",
            "enum": list(_figures()),
            "description": "What a rule of the gate may be about. 门禁规则的指标。",
        },
    }


def _learns(kind: Kind) -> dict[str, Any]:
    """What is known of a training method beside its options."""
    if not isinstance(kind, Method):
        return {}
    return {"x-takes": kind.takes, "x-tunes": kind.tunes, "x-meaning": {"en": kind.en, "zh": kind.zh}}


def _figures() -> Iterator[str]:
    """Those by language for the two that the platform speaks."""
    for figure in FIGURES:
        yield from (figure.replace(LANGUAGE, each) for each in ("en", "zh")) if LANGUAGE in figure else (figure,)


def _metrics() -> str:
    return " ".join(f"{name}: {metric.en} {metric.zh}." for name, metric in METRICS.items())
