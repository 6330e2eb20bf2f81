"""The eval domain owns evaluation configs, evaluation tasks, and every input, output and score they brought.

It measures exactly one digest per task and tells the model domain, which keeps the evidence and computes the gate's verdict. It calls
model and dataset, nobody else.
"""
