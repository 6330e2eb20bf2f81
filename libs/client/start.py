"""The console script ``modelyard``."""

import gc


def main() -> None:
    # What is loaded stays: looking through it for cycles again and again took an eighth of a short command.
    gc.set_threshold(50_000, 20, 50)
    from libs.client.cli import main as run

    run()
