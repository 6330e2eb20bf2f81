"""deployment: a work order, from trained weights to a served digest. Its stages are ``domain.order``, each with an engine of its own."""

from __future__ import annotations

from libs.data.registry import Kind
from services.deploy.domain.options import DeployOptions

KIND = Kind(name="deployment", options=DeployOptions, needs=("export",), makes=("bundle", "instances"))
