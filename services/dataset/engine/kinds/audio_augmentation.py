"""Audio_Augmentation: more records out of those of a version, by changes to their recordings."""

from __future__ import annotations

from services.dataset.engine.kinds._augmentation import kind_of

KIND = kind_of("Audio", place=90)
