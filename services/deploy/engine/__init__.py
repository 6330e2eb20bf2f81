"""The heavy work of deployment: export to ONNX, parity on real inputs, the packaged bundle, the serving process and its smoke test.

Pure over data: nothing here knows a database, Thrift or the states of a work order. Torch and onnx are imported by the two modules that
need them (``export`` and ``parity``), inside their functions, so that the serving process never loads them.
"""
