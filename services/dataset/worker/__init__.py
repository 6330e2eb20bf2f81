"""The time door of the dataset domain: engines in children, and work of people."""

from __future__ import annotations

from services.dataset.worker.engines import DatasetWork as DatasetWork
from services.dataset.worker.people import Annotating as Annotating
