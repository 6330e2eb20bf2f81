"""Side-by-side measurements: ours and the peer's alternate within one run on one machine, and what is reported is their ratio.

A bench never fails a build: figures are read by people. ``make bench`` runs all of them, ``make bench ARGS=rpc`` one.
"""
