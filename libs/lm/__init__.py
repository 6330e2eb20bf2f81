"""Our own small causal language model: the layout ``modelyard`` of the family ``libs.models.causal_lm``, which has its folder and runs it.

``config`` (the numbers), ``tokenizer`` (text <-> ids), ``model`` (the network). The first two never import torch, so that a server can run
on them alone.
"""
