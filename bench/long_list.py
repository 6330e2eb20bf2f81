"""A list of a million rows, page by page by key: what the last page costs against the first, on SQLite and on MariaDB."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from tests.support import mariadb

ROWS = int(os.environ.get("ROWS", "1000000"))
SPACES, LOOKS, BATCH = 10, 50, 5000


def main(_environments: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _measure("SQLite", Path(folder), "")
    if not mariadb.can_start():
        ratio = ms["last"] / ms["first"]
    print(f"long list, {name}: {ROWS} rows, first page {ms['first']:.2f} ms, last page {ms['last']:.2f} ms, last / first {ratio:.2f}")
    db.close()
