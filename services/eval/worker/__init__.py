"""The time door of the eval domain: engines in children, and work of people."""

from __future__ import annotations

from services.eval.worker.engines import EvalWork as EvalWork
from services.eval.worker.people import Rating as Rating
