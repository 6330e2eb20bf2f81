"""Compute nodes: each keeps the serving processes running that should run on it, and says how they do."""

from services.deploy.node.node import LocalNode as LocalNode
from services.deploy.node.node import NodeOptions as NodeOptions
from services.deploy.node.port import Node as Node
