"""What is generated from ``idl/``, checked in, and never edited: ``make contract`` writes it, a test says when it is stale."""
