"""What the gateway answers, as data: one ``Route`` per line, joined with the contract by ``gateway.rest``.

Verbs by which services tell each other what happened (RecordTrained, StartEvaluation, …) have no route on purpose.
"""

from __future__ import annotations

from gateway.routes import dataset, deploy, eval, identity, model, train
from gateway.routes.route import Route

ALL: tuple[Route, ...] = (*model.ROUTES, *dataset.ROUTES, *train.ROUTES, *eval.ROUTES, *deploy.ROUTES, *identity.ROUTES)
