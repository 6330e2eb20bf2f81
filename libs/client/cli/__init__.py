"""The ``modelyard`` command line: the platform (up, down, status, demo, ask) and one noun–verb group per domain."""

from __future__ import annotations

import sys

import typer

from libs.client.cli import ask, data, demo, deploy, evaluation, model, platform, train
from libs.client.cli.base import Global, fail, set_global
from libs.client.sdk import ApiError
from libs.common.errors import PlatformError

app = typer.Typer(
    name="modelyard",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="From raw data to a live, evaluated, answering model. 从原始数据到可信上线的模型。",
)


@app.callback()
def options(
    json: bool = typer.Option(False, "--json", help="print one JSON document instead of tables"),
    gateway: str = typer.Option("", help="address of the gateway; default: MODELYARD_GATEWAY, or the one on this machine"),
    user: int = typer.Option(1, min=1, help="act as this user"),
    space: int = typer.Option(1, min=1, help="act in this project space"),
    lang: str = typer.Option("", help="en or zh; default: the language of the terminal"),
) -> None:
    set_global(Global(json, gateway, user, space, lang))


app.command("up")(platform.up)
app.command("down")(platform.down)
app.command("status")(platform.status)
app.command("demo")(demo.demo)
app.command("ask")(ask.ask)
app.add_typer(model.app, name="model")
app.add_typer(data.app, name="dataset")
app.add_typer(train.app, name="train")
app.add_typer(evaluation.app, name="eval")
app.add_typer(deploy.app, name="deploy")


def main() -> None:
    """The console script: a failure prints what happened, what to do next, and exits 1."""
    try:
        app()
    except ApiError as error:
        sys.exit(fail(error))
    except PlatformError as error:
        sys.exit(fail(ApiError({"code": error.code, "reason": error.reason.name, "message": str(error), "field": error.field, "limit": error.limit})))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
