"""The heavy work of the eval domain: answer every test record with one target, score it, sum up. Entry: ``evaluation.run``."""
