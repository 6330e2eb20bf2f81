"""Coordination through ZooKeeper: the same interfaces as the embedded default, kept in one session per process."""
