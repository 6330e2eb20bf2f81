"""Calls between processes: framed binary Thrift over TCP, with every frame checked, every call under one deadline, every answer matched.

Own client and server around thriftpy2's compiled codec. Read ``frames`` for what a stranger may send, ``server`` for how a service serves,
``client`` and ``aclient`` for how it is called.
"""
