"""``modelyard backup`` and ``modelyard restore``: records, artifacts and keys at one moment, in one file."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from libs.client.cli.base import given, moment, note, out, print_json, say
from libs.common.settings import load

File = Annotated[Path, typer.Argument(metavar="FILE", help="the backup, one file 备份文件")]
WithoutKeys = Annotated[bool, typer.Option("--without-keys", help="leave the signing keys out: they are kept elsewhere 不含签名密钥")]


def backup(file: File, without_keys: WithoutKeys = False) -> None:
    """Back up records, artifacts and keys as of one moment, while it runs. 在线备份同一时刻的记录、制品与密钥。"""
    from libs.ops import backup as backups  # brings the stores along

    taken = backups.take(load(), file, keys=not without_keys)
    if given().json:
        print_json({**asdict(taken), "path": str(taken.path)})
    else:
        when, size = moment(taken.moment), f"{taken.bytes / (1 << 20):.1f} MiB"
        out.print(
            say(
                f"{file}: {taken.records} records, {taken.artifacts} artifacts, {taken.keys} keys as of {when}, {size}",
                f"{file}：{taken.records} 条记录、{taken.artifacts} 个制品、{taken.keys} 个密钥，时刻 {when}，{size}",
            ),
            soft_wrap=True,
        )
        if taken.keys:
            note("It holds private keys: keep it as you keep them.", "其中含私钥，请妥善保管。")
    for digest in taken.damaged:
        note(f"{digest} is damaged where it lies, and in the backup.", f"{digest} 在原处已损坏，备份中亦然。")
    if taken.damaged:
        raise typer.Exit(1)


def restore(
    file: File,
    without_keys: WithoutKeys = False,
    check: Annotated[bool, typer.Option("--check", help="only read it and tell whether it is whole 只检查备份是否完好")] = False,
) -> None:
    """Restore a backup into an empty home and empty stores, and audit it. 将备份恢复到空的位置并核查。"""
    from libs.ops import backup as backups  # brings the stores along

    if check:
        _check(file)
        return
    done = backups.restore(load(), file, keys=not without_keys)
    wrong = [asdict(violation) for violation in done.report.violations]
    facts = {"moment": done.moment, "records": done.records, "artifacts": done.artifacts, "keys": done.keys, "violations": wrong}
    if given().json:
        print_json(facts)
    else:
        when = moment(done.moment)
        out.print(
            say(
                f"Restored {done.records} records, {done.artifacts} artifacts, {done.keys} keys as of {when}. Next: modelyard up.",
                f"已恢复 {done.records} 条记录、{done.artifacts} 个制品、{done.keys} 个密钥，时刻 {when}。接下来：modelyard up。",
            ),
            soft_wrap=True,
        )
    for violation in done.report.violations:
        note(
            f"{violation.invariant} {violation.service} {violation.kind} {violation.id}: {violation.fact}",
            f"{violation.invariant} {violation.service} {violation.kind} {violation.id}：{violation.fact}",
        )
    if wrong:
        raise typer.Exit(1)


def _check(file: Path) -> None:
    from libs.ops import backup as backups

    manifest = backups.check(file)
    if given().json:
        print_json({"moment": manifest["moment"], "services": manifest["services"], "files": len(manifest["files"])})
    else:
        when, count = moment(manifest["moment"]), len(manifest["files"])
        out.print(say(f"{file}: whole, {count} files as of {when}", f"{file}：完好，共 {count} 个文件，时刻 {when}"), soft_wrap=True)
