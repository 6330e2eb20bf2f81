"""All that can be done with people's work, on one store."""

from __future__ import annotations

from libs.people.catalog import Catalog
from libs.people.mine import Mine


class People(Mine, Catalog):
    """Laid out one on the other: ``desk``, ``settling``, ``gold``, ``answering``, ``claiming``, ``inspecting``, ``laying``, ``figures``,
    ``mine``. Beside them ``catalog``."""
