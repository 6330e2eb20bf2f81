"""Link_Import: files at http(s) addresses, single or in archives, become version 1."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from libs.common.errors import Reason, invalid, missing
from services.dataset.engine import links
from services.dataset.engine.importing import ImportOptions, checked
from services.dataset.engine.job import refuse_unknown
from services.dataset.engine.kinds import Arguments, TaskKind
from services.dataset.engine.kinds._config import settled
from services.dataset.engine.media_importing import MediaOptions

MOST = 100
_SHA256 = re.compile(r"[0-9a-f]{64}")


def read(config: Mapping[str, Any]) -> Arguments:
    """config: ``{"links": [{"url", "sha256"}, …], "media": false, "options": {…}}``, the options of an import of files, or of media."""
    refuse_unknown(config, ("links", "media", "options"))
    media = config.get("media") or False
    if not isinstance(media, bool):
        raise invalid("media", Reason.WRONG_TYPE, "true or false")
    cls: type[Any] = MediaOptions if media else ImportOptions
    options = settled(cls, config)
    if not media:
        checked(ImportOptions(**options))
    return Arguments({"links": _links(config.get("links")), "media": media, "options": options}, cls)


def _links(given: Any) -> list[dict[str, str]]:
    if given is None:
        raise missing("links")
    if not isinstance(given, list) or not 0 < len(given) <= MOST:
        raise invalid("links", Reason.WRONG_TYPE, f"a list of 1 to {MOST} objects with 'url' and perhaps 'sha256'")
    return [_link(each, f"links[{place}]") for place, each in enumerate(given)]


def _link(given: Any, path: str) -> dict[str, str]:
    if not isinstance(given, Mapping) or not given.keys() <= {"url", "sha256"}:
        raise invalid(path, Reason.WRONG_TYPE, "an object with 'url' and perhaps 'sha256'")
    links.checked(given.get("url"), f"{path}.url")
    digest = given.get("sha256") or ""
    if not isinstance(digest, str) or (digest and not _SHA256.fullmatch(digest.lower())):
        raise invalid(f"{path}.sha256", limit="64 hexadecimal digits")
    return {"url": given["url"], "sha256": digest.lower()}


KIND = TaskKind(
    name="Link_Import",
    options=ImportOptions,
    entry="services.dataset.engine.linking:run",
    read=read,
    imports=True,
    repeats=False,  # what lies at an address changes
    place=12,
)
