"""The family of causal language models: one folder format, one way to ask, to export and to run them, whatever their layout is.

``layouts`` (which networks there are, one file each), ``artifact`` (the folder on disk), ``chat`` and ``tokenizer`` (text <-> ids of models
made elsewhere), ``decoder`` (their network), ``decode`` (greedy answers and answer loss on torch), ``session`` (ONNX Runtime), ``foreign``
(reading what others made). Our own small decoder is the layout ``modelyard``; its parts live in ``libs.lm``.

Whoever has a folder asks ``artifact`` and never looks at the layout itself. Only ``decoder``, ``decode`` and the network of a layout need
torch, and nothing here needs a library that runs code of a checkpoint.
"""
