"""Training from nothing and from a version, with exact resume: data, lessons, steps, checkpoints. No database, Thrift or task states."""
