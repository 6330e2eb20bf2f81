"""``python -m tests.unit.deploy.worker_process HOME``: the deploy worker as a process of its own, its neighbours in a folder."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from libs.common.process import stop_requested
from tests.unit.deploy.stand import Stand


def main(home: Path) -> int:
    stop = stop_requested()
    stand = Stand(home, worker=1)
    worker = stand.new_worker()
    threading.Thread(target=lambda: (stop.wait(), worker.stop.set()), daemon=True).start()
    worker.run()
    stand.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
