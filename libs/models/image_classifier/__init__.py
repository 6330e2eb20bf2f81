"""The family of picture classifiers: a picture in, a label with its probability out. Small, from nothing.

``config`` (the numbers and the labels), ``pictures`` (a picture as numbers), ``network`` (torch), ``folder`` (on disk), ``export`` and
``running``.
"""
