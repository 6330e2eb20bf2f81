"""The change feed: what changed in any service, as server-sent events to everybody who may see it (docs/decisions/0025).

Data flows one way: ``follower`` reads one service, ``hub`` decides who hears of it, ``stream`` is one open window, ``door`` its HTTP.
"""
