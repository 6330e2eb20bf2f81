"""Limits, causes and names of parts in Chinese. Each is written once, in English, where it is checked or raised; ``forms`` has the Chinese.

A form that is not there is shown as it was written: better a bound in English than none.
"""

from __future__ import annotations

import re
from functools import cache

from libs.common.words.forms import FORMS

_INNER = re.compile(r"\{(\d)\}")


def chinese(text: str) -> str:
    """``text`` in Chinese where its form is known, else as it is."""
    for pattern, template in _patterns():
        found = pattern.fullmatch(text)
        if found:
            inner = _INNER.sub(lambda hole: chinese(found[int(hole[1])]).replace("\\", "\\\\"), template)  # noqa: B023 - used at once
            return found.expand(inner)
    return text


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Made at the first use: most runs of the command line need none."""
    return tuple((re.compile(form), text) for form, text in FORMS)
