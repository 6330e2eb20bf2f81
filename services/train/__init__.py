"""The train domain owns train configs, train tasks and their metric curves.

It asks the dataset domain for the data of a task, and tells the model domain what a task made of a version.
"""
