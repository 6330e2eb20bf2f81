"""``modelyard demo``: pages of Python's own documentation become a live, evaluated, answering model, told step by step.

Real work through the public HTTP door only, but for one thing: in the middle of training it kills its own worker, to show that nothing is
lost. Finished steps are recognised by the hash of their snapshot and skipped, unless ``fresh``.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import Any

from rich.markup import escape

import idl
from libs.client.cli.base import connect, err, fail, gateway_address, language, say
from libs.client.cli.platform import show_first_owner
from libs.client.credentials import first_start
from libs.client.demo_steps import DemoFailedError, follow, found_or_made, out, title
from libs.client.sdk import ApiError, Json, Modelyard
from libs.common.settings import Settings, load
from libs.ops import supervisor

DATASET = "python-stdlib-docs"
MODEL = "python-docs"
APPROVER = "demo-approver"  # another person than the one who runs this: nobody releases their own work
CLEANING = {"rules": [{"rule": "Strip_Html"}, {"rule": "Remove_Low_Quality"}, {"rule": "Deduplicate"}]}
CONVERSION = {"converter": "python_docs", "options": {"max_subjects": 160}}
SPLITTING = {"options": {"group_by": "template", "test_fraction": 0.25}}
SHOWN_ITEMS = 10
GOAL = 0.9  # exact match on phrasings that were never trained on
START_SECONDS = 90
TRAFFIC_SECONDS = 5


def run(*, fresh: bool, keep: bool) -> int:
    """The exit status: 0 when a trained, evaluated and released model answered."""
    settings = load()
    started = time.monotonic()
    try:
        with _platform(settings, keep):
            Demo(settings, fresh).walk()
            out.print(
                say(
                    f"\n[bold green]Done in {time.monotonic() - started:.0f} s.[/]",
                    f"\n[bold green]完成，用时 {time.monotonic() - started:.0f} 秒。[/]",
                )
            )
            if keep:
                out.print(
                    say(
                        "Still running: `modelyard ask …`, `modelyard status`, `modelyard down`.",
                        "平台仍在运行：`modelyard ask …`、`modelyard status`、`modelyard down`。",
                    )
                )
    except ApiError as error:
        return fail(error)
    except (DemoFailedError, TimeoutError) as error:
        err.print(f"\n[bold red]{say('The demo failed', '演示失败')}:[/] {escape(str(error))}", soft_wrap=True)
        err.print(say(f"Logs: {settings.home_path / 'logs'}", f"日志：{settings.home_path / 'logs'}"))
        return 1
    return 0


@contextmanager
def _platform(settings: Settings, keep: bool) -> Any:
    """The running platform: the one that is up already, or one of our own that ends with us unless ``keep``."""
    if supervisor.read_state(settings) is not None:
        yield
        return
    out.print(say("Starting the platform …", "正在启动平台 …"))
    settings.home_path.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        owner = first_start(settings)  # here, so that the password is shown to a person and in no log
    except RuntimeError as error:
        raise DemoFailedError(str(error)) from None
    if owner is not None:
        show_first_owner(owner)
    with (settings.home_path / "demo-up.log").open("wb") as log:
        # Kept: detached, so that it outlives this terminal. Otherwise a pipe as stdin, so that it ends even when we are killed.
        stdin = subprocess.DEVNULL if keep else subprocess.PIPE
        up = subprocess.Popen(
            [sys.executable, "-m", "libs.client.cli", "up"],
            stdin=stdin,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env=supervisor.child_environ(),
        )
    try:
        end = time.monotonic() + START_SECONDS
        while supervisor.read_state(settings) is None:
            if up.poll() is not None or time.monotonic() > end:
                raise DemoFailedError(
                    (settings.home_path / "demo-up.log").read_text(errors="replace").strip() or "the platform did not start"
                )
            time.sleep(0.05)
        yield
    finally:
        if not keep or sys.exc_info()[0] is not None:
            if up.poll() is None:
                up.terminate()
            try:
                up.wait(supervisor.stop_seconds(settings))
            except subprocess.TimeoutExpired:
                os.killpg(up.pid, signal.SIGKILL)  # its parts hold a pipe to it, and end with it
                up.wait()


def second_person(client: Modelyard) -> Modelyard:
    """Signed in as the approver: made by the one who runs the demo, with a new password each time that is kept nowhere."""
    found = next((user for user in client.users.list() if user["account"] == APPROVER), None) or client.users.create(APPROVER, "Demo")
    try:
        client.memberships.create(APPROVER, "operator")
    except ApiError as error:
        if error.reason != "ALREADY_EXISTS":
            raise
    approver = Modelyard(gateway_address(), space=int(client.me()["project_space_id"]), language=language())
    approver.sign_in(APPROVER, client.users.issue_password(found["id"]))
    return approver


class Demo:
    """The chain. Each step prints what it did and hands its result to the next."""

    def __init__(self, settings: Settings, fresh: bool) -> None:
        self.settings, self.reuse = settings, not fresh
        self.client = connect()
        self.approver = second_person(self.client)
        self.requester = self.client.me()["user"]["account"]
        self.crashed = False

    def walk(self) -> None:
        train_part, test_part = self.prepare_data()
        model = found_or_made(lambda: self.client.models.find(MODEL), lambda: self.client.models.create(MODEL, desc="Answers about Python"))
        version = self.train(model, train_part)
        eval_config = self.evaluate(model, version, test_part)
        self.release(model, version, eval_config)
        self.ask(test_part)
        self.show_status(model)

    # --- data

    def prepare_data(self) -> tuple[Json, Json]:
        """Steps 1 to 3: pages, cleaning, questions. Returns the train and the test version."""
        dataset = found_or_made(
            lambda: self.client.datasets.find(DATASET),
            lambda: self.client.datasets.create(DATASET, desc="pydoc pages of the running interpreter"),
        )
        title(1, "Import the pages pydoc renders of the standard library", "导入标准库的 pydoc 网页")
        [pages] = self._dataset_step(dataset, "Importing", "Pydoc_Import", "import", None, {})
        title(2, "Clean: strip HTML, drop low quality, deduplicate", "清洗：去标签、去低质量、去重")
        [clean] = self._dataset_step(dataset, "Cleaning", "Custom_Cleaning", "clean", pages, CLEANING)
        title(3, "Convert to questions and answers; hold whole phrasings back for the test", "转换为问答，并按问法划分训练与测试")
        [questions] = self._dataset_step(dataset, "Conversion", "Format_Conversion", "convert", clean, CONVERSION)
        parts = self._dataset_step(dataset, "Splitting", "Train_Test_Split", "split", questions, SPLITTING)
        by_part = {version["part"]: version for version in parts}
        return by_part["train"], by_part["test"]

    def _dataset_step(self, dataset: Json, type: str, sub_type: str, name: str, source: Json | None, config: Json) -> list[Json]:
        created = self.client.datasets.create_task(
            dataset["id"], type, sub_type, name, input_version_id=source["id"] if source else None, config=config, reuse=self.reuse
        )
        task = follow(self.client.datasets.wait, created["dataset_task"], name, created["reused"])
        versions = [self.client.datasets.version(id) for id in task["output_version_ids"]]
        for version in versions:
            name = f"{say('version', '版本')} {version['number']} ({version['part']})"
            out.print(f"    {name}: {version['records']} {say('records', '条')}  [dim]{version['content_hash'][:19]}…[/]")
        self._show_ledger(task, versions)
        return versions

    def _show_ledger(self, task: Json, versions: list[Json]) -> None:
        """in + added = out + Σ dropped(rule), and an example of the first rules. ``added``: records that one record was turned into."""
        ledger = versions[0]["ledger"]
        dropped = {rule: count for rule, count in ledger.get("dropped", {}).items() if count}
        if not dropped:
            return
        sum_text = " + ".join(f"{count} {rule}" for rule, count in dropped.items())
        added = ledger.get("added", 0)
        plus = f" + {added} added" if added else ""
        out.print(f"    {ledger['in']} in{plus} = {ledger['out']} out + {sum_text}")
        if ledger["in"] + added != ledger["out"] + sum(dropped.values()):
            raise DemoFailedError(say("records were lost without a reason", "有记录无故丢失"))
        for rule in list(dropped)[:3]:
            example = next(iter(self.client.datasets.dropped(task["id"], rule)), None)
            if example:
                out.print(f"      [dim]{rule}: {escape(example['source'] or example['id'][:12])} — {escape(example['reason'])}[/]")

    # --- model

    def train(self, model: Json, data: Json) -> Json:
        """Step 4: the worker is killed once in the middle. Returns the model version."""
        title(4, "Train a small model from scratch; its worker is killed once on the way", "从零训练小模型，途中强杀一次训练进程")
        config = found_or_made(
            lambda: next(c for c in self.client.train.configs(model["id"]) if c["name"] == "demo"),
            lambda: self.client.train.create_config(model["id"], "demo", method="scratch"),
        )
        created = self.client.train.create_task(config["id"], data["id"], name="demo training", reuse=self.reuse)
        task = follow(self.client.train.wait, created["train_task"], "train", created["reused"], self._crash_once, self._loss)
        result = task["result"]
        facts = (
            f"{result['parameters']:,} {say('parameters', '参数')}",
            f"{result['steps']} {say('steps', '步')}",
            f"loss {result['final_loss']:.4f}",
            f"{task['attempt']} {say('attempts', '次尝试')}",
        )
        out.print(f"    {' · '.join(facts)}  [dim]{task['artifact_digest'][:19]}…[/]")
        return self.client.models.version(task["model_version_id"])

    def _crash_once(self, task: Json) -> None:
        """kill -9 of the training worker at about half way: the next attempt resumes from the last complete checkpoint."""
        done, total = int(task["progress_done"]), int(task["progress_total"])
        if self.crashed or task["attempt"] != 1 or not total or done < total * 0.4:
            return
        state = supervisor.read_state(self.settings) or {}
        pid = next((part["pid"] for part in state.get("parts", []) if part["name"] == "train-work"), 0)
        self.crashed = True
        if pid:
            os.kill(pid, signal.SIGKILL)
            out.print(
                say(
                    f"    [yellow]killed the training worker (pid {pid}) at step {done} of {total}[/]",
                    f"    [yellow]已在第 {done}/{total} 步强杀训练进程（pid {pid}）[/]",
                )
            )

    def _loss(self, task: Json) -> str:
        state = self.client.call("GET", f"/models/{task['model_id']}/status")["train"]
        loss = state.get("latest_metrics", {}).get("loss")
        return f"loss {loss:.3f}" if loss is not None else ""

    def evaluate(self, model: Json, version: Json, data: Json) -> Json:
        """Step 5: phrasings never trained on; score, ten answers, the gate's verdict. Returns the eval config."""
        title(5, "Evaluate on phrasings that were never trained on", "用从未训练过的问法评测")
        config = found_or_made(
            lambda: next(c for c in self.client.eval.configs(model["id"]) if c["dataset_version_id"] == data["id"]),
            lambda: self.client.eval.create_config(model["id"], f"unseen phrasings {data['number']}", data["id"]),
        )
        created = self.client.eval.create_task(config["id"], version["id"], name="demo evaluation", reuse=self.reuse)
        task = follow(self.client.eval.wait, created["eval_task"], "evaluate", created["reused"])
        items = list(self.client.eval.items(task["id"]))
        for item in items[:: len(items) // SHOWN_ITEMS + 1]:  # spread over subjects and phrasings
            mark = "[green]✓[/]" if item["exact_match"] else "[red]✗[/]"
            out.print(f"    {mark} {escape(item['input'])}  →  {escape(item['output'])}")
        scores = task["metrics"]
        facts = [f"{name} {scores[name]:.3f}" for name in ("exact_match", "token_f1", "perplexity") if name in scores]
        out.print(f"    {' · '.join(facts)} · {task['items']} {say('items', '条')} · {say('gate', '门禁')} {task['verdict']}")
        if scores["exact_match"] < GOAL or task["verdict"] != "PASS":
            raise DemoFailedError(f"exact match {scores['exact_match']:.3f}, gate {task['verdict']}; needed {GOAL} and PASS")
        return config

    def release(self, model: Json, version: Json, eval_config: Json) -> None:
        """Step 6: the work order through every stage. An order that already put this very version online is recognised."""
        title(
            6,
            "Release: export, parity, package, evaluate that digest, approve, provision, smoke test",
            "发布：导出、对齐、打包、评测该摘要、审批、上架、冒烟",
        )
        settings = {"eval_config_id": eval_config["id"]}
        config = found_or_made(
            lambda: next(c for c in self.client.deploy.configs(model["id"]) if c["config"].get("eval_config_id") == eval_config["id"]),
            lambda: self.client.deploy.create_config(
                model["id"], f"local {eval_config['id']}", environment="prod", room="local", config=settings
            ),
        )
        serving = [weight["model_version_id"] for slot in self.client.deploy.slots(model["id"]) for weight in slot["weights"]]
        online = [o for o in self.client.deploy.orders(model["id"]) if o["status"] == "ONLINE" and o["model_version_id"] == version["id"]]
        if self.reuse and online and version["id"] in serving:
            self._order_line(online[0])
            out.print(say("    already online: skipped", "    已上线：跳过"))
            self._wait_serving(model)
            return
        order = self.client.deploy.create_order(config["id"], version["id"], "demo release")
        seen: list[str] = []
        order = self.client.deploy.wait(order["id"], frozenset({"AWAITING_APPROVAL"}), lambda o: self._stage(o, seen), 600)
        if order["status"] == "AWAITING_APPROVAL":
            self.approver.deploy.approve(order["id"], order["version"], "demo: the evaluation passed")
            out.print(
                say(f"    approved by {APPROVER} (asked for by {self.requester})", f"    由 {APPROVER} 审批（申请人 {self.requester}）")
            )
            order = self.client.deploy.wait(order["id"], on_change=lambda o: self._stage(o, seen), seconds=600)
        if order["status"] != "ONLINE":
            error = order.get("error", {}).get("message", {}).get(language()) or order["status_reason"]
            raise DemoFailedError(f"{order['status']}: {error}")
        self._order_line(order)

    def _stage(self, order: Json, seen: list[str]) -> None:
        """Every stage of the order's history that was not shown yet: one may pass between two looks."""
        names = idl.load("deploy").WorkOrderStatus._VALUES_TO_NAMES
        for event in self.client.deploy.events("work_order", order["id"]):
            moved = event["event"] == "CREATE" or event["from_status"] != event["to_status"]
            if moved and event["id"] not in seen:
                seen.append(event["id"])
                out.print(f"    [cyan]{names[event['to_status']]}[/] [dim]{escape(event['reason'])}[/]")

    def _order_line(self, order: Json) -> None:
        parity = order["evidence"].get("parity", {}).get("max_abs_diff", "-")
        difference = say("largest difference to the trained model", "与训练模型的最大差")
        out.print(f"    {say('digest', '摘要')} {order['digest'][:26]}…  {difference} {parity}")

    def _wait_serving(self, model: Json) -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                if self.client.call("GET", f"/deploy/models/{model['id']}/endpoints").get("endpoints"):
                    return
            except ApiError as error:
                if error.reason != "NOT_DEPLOYED" and not error.retryable:
                    raise
            time.sleep(0.2)
        raise DemoFailedError(say("the released version does not come back", "已发布的版本未恢复服务"))

    # --- answers

    def ask(self, test_part: Json) -> None:
        """Step 7: two questions of the test part, streamed; the headers say who answered."""
        title(7, "Ask it, streaming", "流式提问")
        by_language = {record["lang"]: record for record in _first(self.client.datasets.records(test_part["id"]), 500)}
        for record in list(by_language.values())[:2]:
            answer = self.client.chat(MODEL, record["instruction"])
            out.print(f"    [bold]{escape(record['instruction'])}[/]\n    → ", end="")
            text = ""
            for piece in answer:
                text += piece
                out.print(piece, end="", markup=False)
            out.print(f"\n    [dim]version {answer.version} · {answer.digest[:26]}…[/]")
            if not text.strip():
                raise DemoFailedError(say("the live model gave an empty answer", "线上模型回答为空"))

    def show_status(self, model: Json) -> None:
        """Step 8: one call for train, eval and deploy state."""
        title(8, "The model's status, one call", "一次调用看全模型状态")
        status = self._status_with_traffic(model)
        if status["missing"]:
            raise DemoFailedError(f"missing parts: {status['missing']}")
        version, evaluated, deploy = status["model"]["latest_version"], status["eval"]["latest_task"], status["deploy"]
        p99 = "-" if deploy["p99_ms"] < 0 else f"{deploy['p99_ms']:.0f} ms"
        out.print(f"    model  {status['model']['project']['status']}, {say('version', '版本')} {version['number']} {version['status']}")
        out.print(f"    train  {status['train']['latest_task']['status']}")
        out.print(f"    eval   {evaluated['status']}, exact_match {evaluated['metrics'].get('exact_match', 0):.3f}")
        out.print(f"    deploy {deploy['latest_order']['status']}, {deploy['qps']:.2f} {say('requests/s', '次/秒')}, P99 {p99}")
        out.print(f"    {self.client.address}/models/{model['id']}   {say('the model page', '模型页面')}")
        out.print(f"    {self.client.address}/api/v1/models/{model['id']}/status")
        out.print(f"    {self.client.address}/v1/chat/completions   model={MODEL}")
        out.print(f"    {self.client.address}/api/openapi.json")

    def _status_with_traffic(self, model: Json) -> Json:
        """The status once the serving process's figures, read every second, show the questions that were just asked."""
        end = time.monotonic() + TRAFFIC_SECONDS
        while True:
            status = self.client.models.status(model["id"])
            if status["missing"] or status["deploy"]["qps"] > 0 or time.monotonic() > end:
                return status
            time.sleep(0.2)


def _first(items: Any, count: int) -> Any:
    for number, item in enumerate(items):
        if number >= count:
            return
        yield item
