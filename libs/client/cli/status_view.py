"""The joined status of a model for people: one line per domain with its age, and what does not answer."""

from __future__ import annotations

from collections.abc import Iterable

from rich.table import Table
from rich.text import Text

from libs.client.cli.base import colour, language, moment, note, out, print_table, say
from libs.client.cli.gate import override_line
from libs.client.sdk import Json
from libs.common.words.metrics import metric

PARTS = ("model", "train", "eval", "deploy")
DIGEST = 19  # characters of a digest that are enough to tell two apart


def show_status(status: Json) -> None:
    """status: as ``GET /models/{id}/status`` answers."""
    project = status["model"].get("project", {})
    state = project.get("status", "unavailable")
    title = (project.get("name", ""), "bold"), f"  {status['id']}  ", (state, colour(state)), f"  {moment(status.get('as_of'))}"
    out.print(Text.assemble(*title), soft_wrap=True)
    table = Table(box=None, pad_edge=False)
    for column in (say("part", "部分"), say("answers", "应答"), say("age", "时效"), say("what", "内容")):
        table.add_column(column, overflow="fold")
    for name in PARTS:
        part = status[name]
        table.add_row(Text(name, "bold"), Text(part["state"], colour(part["state"])), Text(_age(part)), _what(name, part))
    print_table(table)
    for override in status["model"].get("overrides") or []:
        out.print(override_line(override), soft_wrap=True)
    for release in status["deploy"].get("overridden") or []:
        _overridden(release)
    _missing(status)


def show_past(status: Json) -> None:
    """status: as ``GET /models/{id}/status?as_of=…`` answers."""
    model, deploy = status["model"], status["deploy"]
    if not model.get("existed", True):
        note(f"At {moment(status['as_of'])} there was no such model yet.", f"{moment(status['as_of'])} 时还没有这个模型。")
        return
    state = model.get("status", "unavailable")
    gate = [] if model["state"] != "ok" or model["gate_enabled"] else [Text(f"  {say('gate', '门禁')} OFF", "yellow")]
    out.print(Text.assemble(f"{moment(status['as_of'])}  {status['id']}  ", (state, colour(state)), *gate), soft_wrap=True)
    for version in model.get("versions") or []:
        out.print(_state(f"{say('version', '版本')} {version['number']}", version["status"]))
    for override in model.get("overrides") or []:
        out.print(override_line(override), soft_wrap=True)
    for slot in deploy.get("slots") or []:
        shares = ", ".join(f"v{each['model_version_number']} {each['weight']}% {each['digest'][:DIGEST]}…" for each in slot["weights"])
        out.print(f"{slot['environment']}/{slot['room']} {shares or say('empty', '空')}", soft_wrap=True)
    for order in deploy.get("orders") or []:
        out.print(_state(f"{say('order', '工单')} {order['id']}", order["status"]), soft_wrap=True)
    _missing(status)


def _overridden(release: Json) -> None:
    """What serves although the gate refused it."""
    number, until = release["model_version_number"], moment(release["end_time"])
    if release["ended"]:
        english = f"override ended at {until}: v{number} still serves past the gate. Release a version that passes, or roll it back."
        note(english, f"放行已于 {until} 结束：版本 {number} 未通过门禁却仍在服务，请发布达标版本或回滚。", "red")
    else:
        note(f"v{number} serves past the gate by an override until {until}.", f"版本 {number} 凭放行在服务，截止 {until}。", "yellow")


def _missing(status: Json) -> None:
    if status["missing"]:
        missing = ", ".join(status["missing"])
        note(
            f"Missing: {missing}. `modelyard status` shows which process is down.",
            f"缺少：{missing}。可用 `modelyard status` 查看。",
            "red",
        )


def _age(part: Json) -> str:
    return f"{part['age_ms']} ms" if "age_ms" in part else "-"


def _what(name: str, part: Json) -> Text:
    if part["state"] != "ok":
        return Text(f"{part.get('reason', '')} {part.get('message', '')}".strip(), "red")
    pieces = {"model": _model, "train": _train, "eval": _eval, "deploy": _deploy}[name](part)
    return Text(" · ").join(piece if isinstance(piece, Text) else Text(piece) for piece in pieces)


def _state(label: str, state: str) -> Text:
    return Text.assemble(f"{label} ", (state, colour(state)))


def _model(part: Json) -> Iterable[Text | str]:
    version, gate, verdict = part.get("latest_version"), part.get("gate"), part.get("verdict")
    if version is None:
        yield say("no version yet", "暂无版本")
    else:
        yield _state(f"{say('version', '版本')} {version['number']}", version["status"])
        if version["artifact_digest"]:
            yield version["artifact_digest"][:DIGEST] + "…"
    if gate is not None:
        yield _state(say("gate", "门禁"), (verdict or {}).get("verdict", "NO_DATA") if gate["enabled"] else "OFF")
    yield from _leak(part.get("overlap") or {})


def _leak(overlap: Json) -> Iterable[Text]:
    """How the test repeats what the version was trained on; `modelyard eval items` tags the records."""
    if not overlap:
        return
    found, items = overlap.get("same_question", 0) + overlap.get("near_copy", 0), overlap.get("items", 0)
    english = f"leak: {found} of {items} test records repeat its training data"
    yield Text(say(english, f"泄漏：{items} 条测试数据中有 {found} 条与训练数据重复"), "red")
    if overlap.get("lineage"):
        path = " ← ".join(overlap["lineage"])
        yield Text(say(f"test and training data are of one line: {path}", f"测试数据与训练数据同源：{path}"), "red")
    if overlap.get("elsewhere"):
        yield Text(say("made elsewhere: nobody here knows its training data", "在别处训练：平台不掌握其训练数据"), "yellow")
    if overlap.get("unknown"):
        gone = ", ".join(overlap["unknown"])
        yield Text(say(f"training data that is gone: {gone}", f"训练数据已不存在：{gone}"), "red")


def _train(part: Json) -> Iterable[Text | str]:
    yield from _task(part)
    yield from _numbers(part.get("latest_metrics") or {})


def _eval(part: Json) -> Iterable[Text | str]:
    yield from _task(part)
    metrics = (part.get("latest_task") or {}).get("metrics") or {}
    yield from _numbers({name: value for name, value in metrics.items() if "." not in name})  # the whole, not its slices and bounds


def _task(part: Json) -> Iterable[Text | str]:
    task = part.get("latest_task")
    if task is None:
        yield say("no task yet", "暂无任务")
        return
    yield _state(f"{say('task', '任务')} {task['id']}", task["status"])
    if task["status"] not in ("SUCCEEDED", "FAILED", "CANCELLED"):
        yield f"{task['progress_done']}/{task['progress_total']} {task['progress_message']}".strip()
    if int(part.get("running_tasks", 0)):
        yield f"{part['running_tasks']} {say('running', '运行中')}"


def _numbers(values: Json) -> Iterable[str]:
    return (f"{metric(name, language())} {value:.4g}" for name, value in sorted(values.items()) if isinstance(value, (int, float)))


def _deploy(part: Json) -> Iterable[Text | str]:
    order = part.get("latest_order")
    yield _state(f"{say('order', '工单')} {order['id']}", order["status"]) if order else say("no work order yet", "暂无工单")
    for slot in part.get("slots") or []:
        weights = ", ".join(f"v{weight['model_version_number']} {weight['weight']}%" for weight in slot["weights"])
        ready = sum(instance["state"] == "READY" for instance in slot["instances"])
        yield f"{slot['environment']}/{slot['room']} {weights or say('empty', '空')} ({ready} {say('ready', '就绪')})"
    yield f"{part.get('qps', 0.0):.2f} q/s"
    p99 = part.get("p99_ms", -1.0)
    yield f"P99 {p99:.0f} ms" if p99 >= 0 else say("P99 - (no traffic)", "P99 -（无流量）")
