"""The model domain owns model projects, their versions and lineage, the evidence about them, and the release gate.

It calls nobody. Training, evaluation and deployment tell it what happened through explicit verbs.
"""
