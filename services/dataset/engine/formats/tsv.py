"""tsv: a table whose cells are set apart by tabs, however many commas its header has."""

from __future__ import annotations

from services.dataset.engine.csv_rows import read_csv
from services.dataset.engine.formats import Format, csv

KIND = Format(
    name="tsv", extensions=("tsv", "tab"), read=lambda handle, how: read_csv(handle, how.limit, "\t"), foreign=csv.foreign, place=4
)
