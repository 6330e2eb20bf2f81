"""Backup and restore: the records of all services, the artifacts they name and the signing keys, as they were at one moment, in one file.

A backup is a plain tar. Records are lines of JSON, one file a table, so that what was kept in SQLite can be restored into MySQL and back.
"""

from libs.ops.backup.restore import Restored, check, restore
from libs.ops.backup.take import Taken, take

__all__ = ["Restored", "Taken", "check", "restore", "take"]
