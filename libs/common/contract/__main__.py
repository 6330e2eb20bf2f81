"""``python -m libs.common.contract``: writes everything that is generated from the contract, and names what changed."""

from __future__ import annotations

import sys
from pathlib import Path

from libs.common.contract import enums, peers, reference, sdk, stubs


def files() -> dict[Path, str]:
    """path -> text of all that is generated."""
    return {path: text for maker in (stubs, enums, peers, sdk, reference) for path, text in maker.files().items()}


def main() -> int:
    written = 0
    for path, text in files().items():
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        written += 1
        sys.stdout.write(f"{path}\n")
    sys.stdout.write(f"{written} written\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
