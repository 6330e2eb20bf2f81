"""Texts into pieces, and pieces found again: pure over data."""
