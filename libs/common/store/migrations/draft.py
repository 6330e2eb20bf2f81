"""``make migration``: writes the next revision of one service, or of the platform, from the difference between its chain and its tables."""

from __future__ import annotations

import importlib
import sys
import tempfile
from pathlib import Path

import sqlalchemy as sa

from libs.common.store import schema
from libs.common.store.database import platform_tables


def main(service: str, number: str, message: str) -> None:
    metadata, chain = _platform() if service == "platform" else _service(service)
    with tempfile.TemporaryDirectory() as folder:
        schema.draft(f"sqlite:///{Path(folder) / 'draft.db'}", metadata, chain, number, message)


def _platform() -> tuple[sa.MetaData, schema.Chain]:
    platform_tables(metadata := sa.MetaData())
    return metadata, schema.PLATFORM


def _service(name: str) -> tuple[sa.MetaData, schema.Chain]:
    return importlib.import_module(f"services.{name}.repository").METADATA, schema.own(name)


if __name__ == "__main__":
    main(*sys.argv[1:])
