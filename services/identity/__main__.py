"""Wiring of the identity service, top to bottom. ``first`` makes the first owner where there is nobody yet and prints one JSON object."""

import json
import sys

from libs.common.context import system_context
from libs.common.process import Process, main
from services.identity.repository import METADATA
from services.identity.service import IdentityService


def serve(process: Process) -> None:
    db = process.database(METADATA)
    process.serve(IdentityService(db, process.signer), db)


def first(process: Process) -> None:
    """The password is printed here, once, and kept only as a hash."""
    db = process.database(METADATA)
    service, ctx = IdentityService(db, process.signer), system_context(0, 0)
    made = service.found(ctx)
    facts: dict[str, object] = {}
    if made is not None:
        user, password = made
        opened = service.sign_in(ctx, account=user.account, password=password)
        facts = {"account": user.account, "password": password, "access_token": opened.access_token}
        facts |= {"refresh_token": opened.refresh_token, "access_until": opened.access_until}
    print(json.dumps(facts))
    db.close()


if __name__ == "__main__":
    sys.exit(main("identity", {"serve": serve, "first": first}))
