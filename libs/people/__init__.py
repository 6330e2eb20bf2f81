"""Work that people do, item by item: who may have which item, what they say, who looks at it again, and what all of it says together.

A library with its tables in the store of the service that uses it (docs/decisions/0031). It knows texts and answers, and nothing of what
they are for: annotation, rating and comparing are templates.
"""
