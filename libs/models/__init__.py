"""Families of models: what a model is decides how it is read, trained, exported, run and asked. A folder a family, with the same rooms."""
