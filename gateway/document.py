"""Prints the gateway's OpenAPI document without a platform: ``python -m gateway.document``. The console's typed client is made of it."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from typing import Any

import httpx

from gateway.app import build
from libs.common.coord.discovery import StaticDiscovery
from libs.common.settings import load


async def document() -> Any:
    """As ``/api/openapi.json`` answers it: the application is made in an empty home and connects to nobody."""
    with tempfile.TemporaryDirectory() as home:
        settings = load({"MODELYARD_HOME": home})
        app = build(settings, StaticDiscovery(settings))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://console") as client:
            return (await client.get("/api/openapi.json")).json()


if __name__ == "__main__":
    json.dump(asyncio.run(document()), sys.stdout, indent=1, sort_keys=True, ensure_ascii=False)
