"""The verbs of the deploy domain, and what its worker may do to an order, a slot and an instance."""

from services.deploy.service.verbs import DeployService as DeployService
