"""``make migration``: writes the next revision of one service from the difference between its newest schema and its tables."""

from __future__ import annotations

import importlib
import sys
import tempfile
from pathlib import Path

from libs.common.store import schema


def main(service: str, number: str, message: str) -> None:
    metadata = importlib.import_module(f"services.{service}.repository").METADATA
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'draft.db'}"
        if number != "0001":
            schema.upgrade(url, metadata, service, Path(folder))
        schema.draft(url, metadata, service, number, message)


if __name__ == "__main__":
    main(*sys.argv[1:])
