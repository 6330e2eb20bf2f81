"""The inference server: one packaged bundle behind OpenAI-compatible HTTP routes, with continuous batching over ONNX Runtime.

Read in this order: ``options`` (what a bundle fixes) → ``sampling`` and ``text`` (one token, one growing answer) → ``batch`` (rows and
their caches) → ``scheduler`` (who decodes when) → ``protocol`` and ``answers`` (JSON in, JSON out) → ``app`` (routes) → ``__main__``.
"""
