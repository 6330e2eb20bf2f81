"""All that can be done with people's work, on one store."""

from __future__ import annotations

from libs.people.figures import Figures


class People(Figures):
    """Laid out one on the other: ``desk``, ``settling``, ``gold``, ``answering``, ``claiming``, ``inspecting``, ``laying``, ``figures``."""
