"""The deploy domain owns deployment configs, work orders through every stage of a release, and the slots whose instances serve.

It turns a trained version into packaged bytes, has exactly those bytes evaluated, and gives them traffic only after a person other than
the one who asked has approved them. It calls eval, dataset and model; nobody but the gateway calls it.
"""
