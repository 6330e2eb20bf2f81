"""Which language people are spoken to in: what they said, else the setting, else the language of their terminal."""

from __future__ import annotations

import os
from collections.abc import Mapping

LANGUAGES = ("en", "zh")
_TERMINAL = ("LC_ALL", "LC_MESSAGES", "LANG")


def language_of(said: str = "", environ: Mapping[str, str] | None = None) -> str:
    """ "zh" or "en". said: "" for nothing. A broken setting is no reason to fall silent: it is named where settings are read."""
    env = os.environ if environ is None else environ
    wanted = next(filter(None, (said, env.get("MODELYARD_LANGUAGE", ""), *(env.get(name, "") for name in _TERMINAL))), "en")
    return "zh" if wanted.lower().startswith("zh") else "en"
