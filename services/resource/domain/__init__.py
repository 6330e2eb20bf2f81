"""Nouns and rules of the resource domain."""
