"""txt: the file is one document."""

from __future__ import annotations

from services.dataset.engine.formats import Format
from services.dataset.engine.formats._documents import read_documents

KIND = Format(name="txt", extensions=("txt",), read=lambda handle, how: read_documents(handle, how.limit), place=6)
