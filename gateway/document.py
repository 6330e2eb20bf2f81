"""The whole API document; ``python -m gateway.document`` prints it without a platform: the console's typed client is made of it."""

from __future__ import annotations

import json
import sys
from typing import Any

from gateway import api_document, openai_document, sign_in, sign_in_openid
from gateway.feed import door
from gateway.routes import API


def whole_document(language: str) -> dict[str, Any]:
    """language: "en" or "zh", of the summaries."""
    return api_document.document(language, openai_document.paths(), sign_in.paths(API), sign_in_openid.paths(API), door.paths(API))


if __name__ == "__main__":
    json.dump(whole_document("en"), sys.stdout, indent=1, sort_keys=True, ensure_ascii=False)
