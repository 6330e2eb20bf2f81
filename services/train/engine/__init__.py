"""Training from scratch with exact resume: options, data order, checkpoints and the loop. Knows no database, Thrift or task states."""
