"""The family of text classifiers: a text in, a label with its probability out. Small, from nothing, good at several languages at once.

``config`` (the numbers and the labels), ``pieces`` (a text as ids), ``network`` (torch), ``folder`` (on disk), ``export`` and ``running``.
"""
