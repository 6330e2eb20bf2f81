"""The dataset domain owns datasets, their immutable versions, and the tasks that make one version out of another.

It calls nobody.
"""
