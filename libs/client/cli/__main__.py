"""``python -m libs.client.cli``: the command line without the console script."""

from libs.client.cli import main

main()
