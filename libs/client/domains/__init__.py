"""The SDK's nouns: the generated calls of each domain under the short names people type, and waiting for what takes long.

One file per noun, loaded when it is first used: a command that lists models does not read the calls of datasets.
"""
