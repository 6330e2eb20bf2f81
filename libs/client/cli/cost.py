"""``modelyard cost``: prices, what something would cost, what was used and what it cost."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Any

import typer

from libs.client.cli.amounts import Accelerators, Cpu, Memory, megabytes, seconds, thousandths
from libs.client.cli.base import Limit, connect, given, note, print_json, say, show, show_list, wrong_option
from libs.client.cli.filters import moment_of
from libs.client.failure import Json

app = typer.Typer(no_args_is_help=True, help="Prices, what was used, and what it cost. 价格、用量与费用。")
MICROS = 1_000_000
_MONEY = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?")


class Group(StrEnum):
    person = "person"
    space = "space"
    version = "version"
    day = "day"
    kind = "kind"
    node = "node"


class Priced(StrEnum):
    cpu = "cpu"
    memory = "memory"
    accelerator = "accelerator"


class Format(StrEnum):
    jsonl = "jsonl"
    csv = "csv"


By = Annotated[Group, typer.Option("--by", help="what costs are added up by 汇总维度")]
From = Annotated[str, typer.Option("--since", help="from the day of: 3d, or a date 自该日起：3d 或日期；默认本月")]
To = Annotated[str, typer.Option("--until", help="to the day of, in the same words 至该日止，写法相同")]
Room = Annotated[str | None, typer.Option(help="name of the machine room 机房名称")]
Vendor = Annotated[str | None, typer.Option(help="vendor of the accelerator 加速卡厂商")]
CardModel = Annotated[str | None, typer.Option("--card", help="model of the accelerator 加速卡型号")]


@app.command("show")
def show_mine(by: By = Group.person, since: From = "", until: To = "") -> None:
    """Add up what this space used and what it cost. 汇总本空间的用量与费用。"""
    with connect() as client:
        _board(client.resource.cost(**_asked(by, since, until)))


@app.command()
def platform(by: By = Group.space, since: From = "", until: To = "") -> None:
    """Add up all spaces; by node with what was idle (administrators). 汇总全平台，按节点时含闲置（平台管理员）。"""
    with connect() as client:
        _board(client.resource.platform_cost(**_asked(by, since, until)))


@app.command()
def prices(limit: Limit = 50) -> None:
    """List all prices, of before and to come too, newest first. 列出全部价格，最新的在前。"""
    with connect() as client:
        found = (each if given().json else {**each, "price": money(each["micros"])} for each in client.resource.prices())
        show_list(found, ("id", "priced", "price", "room_id", "vendor", "model", "valid_from"), limit)


@app.command("set-price")
def set_price(
    priced: Annotated[Priced, typer.Argument(help="of an hour of one core, one GB, one accelerator 每小时单核、1GB 或单卡")],
    price: Annotated[str, typer.Argument(help="e.g. 0.35, at most six digits behind the point 价格，小数最多六位")],
    room: Room = None,
    vendor: Vendor = None,
    card: CardModel = None,
    valid_from: Annotated[str, typer.Option("--from", help="a date; now when left out 生效时间，默认即刻")] = "",
) -> None:
    """Set a price from a moment on (administrators). 设置自某一时刻起的价格（平台管理员）。"""
    micros = _micros(price)
    with connect() as client:
        facts: dict[str, Any] = {"room": room, "vendor": vendor, "model": card, "valid_from": moment_of("--from", valid_from)}
        show(client.resource.create_price(priced.value.upper(), micros, **facts))


@app.command()
def quote(
    cpu: Cpu = None,
    memory: Memory = None,
    accelerators: Accelerators = None,
    room: Room = None,
    vendor: Vendor = None,
    card: CardModel = None,
    hours: Annotated[str, typer.Option(help="for how long 时长（小时）")] = "1",
) -> None:
    """Say what resources would cost, by the prices of now. 按当前价格估算费用。"""
    amounts = {"cpu_milli": thousandths("--cpu", cpu), "memory_mb": megabytes("--memory", memory)}
    amounts |= {"accelerator_milli": thousandths("--accelerators", accelerators), "seconds": seconds("--hours", hours)}
    with connect() as client:
        found = client.resource.quote(**amounts, room=room, vendor=vendor, model=card)
    if given().json:
        print_json(found)
        return
    print(money(found["micros"]))
    if not found["priced"]:
        note("Not all of it has a price.", "部分资源尚未定价。")


@app.command()
def export(
    format: Annotated[Format, typer.Option("--format", help="one line each 每行一条")] = Format.jsonl,
    since: From = "",
    until: To = "",
) -> None:
    """Write the whole ledger of this space to standard output. 将本空间的账目全部写到标准输出。"""
    with connect() as client:
        found = client.resource.usage(from_time=moment_of("--since", since), to_time=moment_of("--until", until))
        if given().json:
            print_json(list(found))
        elif format == Format.csv:
            _csv(found)
        else:
            for each in found:
                print(json.dumps(each, ensure_ascii=False))


# --- shared steps


def money(micros: str | int) -> str:
    """Of millionths, without zeros that say nothing, and two digits at least."""
    whole, part = divmod(abs(int(micros)), MICROS)
    digits = f"{part:06d}".rstrip("0").ljust(2, "0")
    return f"{'-' if int(micros) < 0 else ''}{whole}.{digits}"


def _micros(text: str) -> int:
    if _MONEY.fullmatch(text) is None:
        raise wrong_option("PRICE", say("a number with at most six digits behind the point", "数字，小数最多六位"), text)
    whole, _, part = text.partition(".")
    return int(whole) * MICROS + int(part.ljust(6, "0"))


def _asked(by: Group, since: str, until: str) -> dict[str, Any]:
    group = "MODEL_VERSION" if by == Group.version else by.value.upper()
    return {"group": group, "from_time": moment_of("--since", since), "to_time": moment_of("--until", until)}


def _board(found: Json) -> None:
    if given().json:
        print_json(found)
        return
    show_list(map(_row, found["cost_rows"]), ("subject", "cost", "idle", "cpu_hours", "memory_gb_hours", "accelerator_hours"), 500)
    note(f"In all {money(found['micros'])}", f"合计 {money(found['micros'])}")


def _row(row: Json) -> Json:
    hours = {name: int(row[f"{of}_milli_hours"]) / 1000 for name, of in (("cpu_hours", "cpu"), ("accelerator_hours", "accelerator"))}
    memory = {"memory_gb_hours": int(row["memory_gb_milli_hours"]) / 1000}
    return {"subject": row["subject"], "cost": money(row["micros"]), "idle": money(row["idle_micros"]), **hours, **memory}


def _csv(found: Iterable[Json]) -> None:
    rows = csv.writer(sys.stdout)
    names: list[str] = []
    for each in found:
        if not names:
            names = list(each)
            rows.writerow(names)
        rows.writerow([each[name] for name in names])
