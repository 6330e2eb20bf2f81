"""Secrets: how passwords are hashed, how tokens are made and recognised."""
