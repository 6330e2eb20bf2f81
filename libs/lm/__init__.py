"""The format of a small causal language model: what training writes and evaluation and deployment read.

``config`` (the numbers), ``tokenizer`` (text <-> ids), ``model`` (the network), ``artifact`` (the folder on disk), ``decode``
(greedy answers and answer loss on torch). ``config`` and ``tokenizer`` never import torch, so that a server can run on them alone.
"""
