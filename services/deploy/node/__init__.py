"""The local compute node: keeps the serving processes running that should run, and says how they do."""

from services.deploy.node.node import Node as Node
from services.deploy.node.node import NodeOptions as NodeOptions
