"""What can be said of measured figures: intervals and tests, small and our own, equal to those of scipy and statsmodels."""

from __future__ import annotations

CONFIDENCE = 0.95
ALPHA = 1 - CONFIDENCE

Interval = tuple[float, float]
