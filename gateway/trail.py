"""The audit trail's writer: everything people change over HTTP, and every refusal of somebody known, goes to the identity service.

The gateway alone signs identities of people, so what a person does passes here. A row is in the journal before its answer goes out, is
sent in batches under a key (once, also when an answer is lost or this process is killed), and waits there while the identity service is
away. A row it refuses is set aside and counted; one it fails on goes to the end of the queue: neither holds up others. While too many
rows about people wait, people may change nothing: rather no write than one nobody can account for. Strangers have a small room of their
own, so that they can fill nobody else's.
"""

from __future__ import annotations

import asyncio
import errno
import time
import unicodedata
from pathlib import Path
from typing import Any

import idl
from gateway.clients import Clients, request_struct
from gateway.journal import Batch, Journal, Row
from gateway.sessions import SAFE, Sessions
from idl.limits import limit_of
from libs.common.bucket import Bucket
from libs.common.errors import PlatformError, Reason, unavailable
from libs.common.rpc.deadline import Deadline
from libs.common.sight import logs
from libs.common.sight.metrics import Metrics

FLUSH_SECONDS = 0.2
PAUSE_SECONDS = 1.0  # after a round in which something failed
PEOPLE_MAX, STRANGERS_MAX = 100_000, 2_000  # rows that wait
STRANGERS_RATE, STRANGERS_BURST = 20.0, 500  # rows about strangers a second, and at once
TRIES = 3
SIGN_IN, FIRST, OUTSIDE = "identity.SignIn", "identity.ChooseFirstPassword", "identity.SignInOutside"
UNSHOWN = ("Cc", "Cf", "Cs", "Zl", "Zp")
WAITS = (401, 403, 408, 429)  # our own identity or its load is to blame, not the row
log = logs.get("gateway")


class Trail:
    """``check_room`` before a change, ``note`` before its answer, ``run`` in the background, ``flush`` at the end."""

    def __init__(self, clients: Clients, sessions: Sessions, folder: Path, metrics: Metrics, seconds: float) -> None:
        self._clients, self._sessions, self._folder, self._metrics, self._seconds = clients, sessions, folder, metrics, seconds
        self._opened: Journal | None = None
        self._strangers = Bucket(STRANGERS_RATE, STRANGERS_BURST)
        self._unwritten: list[Row] = []
        self._broken: OSError | None = None
        self._taken = 0
        self._event = idl.load("identity").AuditEvent
        metrics.live(lambda: [("modelyard_audit_rows_waiting", (), self.waiting)])

    def open(self) -> Journal:
        """Raises INVALID_SETTING when there is no folder to write to."""
        if self._opened is None:
            self._opened = Journal(self._folder)
        return self._opened

    @property
    def journal(self) -> Journal:
        """Opened when it is first used: an application that is only made, to read its routes, holds no folder."""
        return self._opened or self.open()

    @property
    def waiting(self) -> int:
        return self.journal.people + self.journal.strangers + len(self._unwritten)

    def check_room(self) -> None:
        """Raises 503 UNAVAILABLE or 507 DISK_FULL when a change could not be accounted for."""
        if self._unwritten and not self._write_again():
            full = self._broken is not None and self._broken.errno in (errno.ENOSPC, errno.EDQUOT)
            raise PlatformError(507, Reason.DISK_FULL, retryable=True, what="audit trail") if full else unavailable("audit trail")
        if self.journal.people >= PEOPLE_MAX:
            raise unavailable("audit trail", limit=f"{PEOPLE_MAX} rows wait for the identity service")

    def note(self, scope: Any, code: int, request_id: str) -> None:
        """One row about a request that is about to be answered with ``code``."""
        caller = scope.get("modelyard.caller")
        if not _worth_a_row(scope, code, caller):
            return
        if caller is None and (self.journal.strangers >= STRANGERS_MAX or not self._strangers.take()):
            self._count("left_out")
            return
        client = scope.get("client")
        row = {
            "user_id": caller.user_id or None if caller else None,
            "project_space_id": caller.project_space_id or None if caller else None,
            "credential": caller.credential if caller else "",
            "method": scope.get("modelyard.rpc") or f"{scope['method']} {scope.get('modelyard.route', '-')}",
            "object": scope.get("modelyard.object") or _named(scope.get("path_params") or {}),
            "outcome": code,
            "address": client[0] if client else "",
            "request_id": request_id,
            "event_time": time.time_ns() // 1_000_000,
        }
        self._keep({name: clean(name, value) if isinstance(value, str) else value for name, value in row.items()})

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            try:
                await self.flush()
            except PlatformError as error:
                log.warning("audit_waits", waiting=self.waiting, reason=error.reason.name)
                await asyncio.sleep(PAUSE_SECONDS)
            except OSError as error:  # the disk under the journal: what waits is tried again
                log.error("audit_journal", error=str(error), waiting=self.waiting)
                await asyncio.sleep(PAUSE_SECONDS)

    async def flush(self) -> None:
        """Sends all that waits. Raises PlatformError when something has to wait longer."""
        self._write_again()
        self._tell_left_out()
        self.journal.seal()
        failed: PlatformError | None = None
        for batch in self.journal.batches():
            failed = await self._send(batch) or failed
        if failed is not None:
            raise failed

    def close(self) -> None:
        if self._opened is not None:
            self._opened.close()

    # -- keeping

    def _keep(self, row: Row) -> None:
        try:
            self.journal.add(row)
        except OSError as error:  # the change has happened: its row waits in memory, and nobody changes anything until it is written
            self._broken = error
            self._unwritten.append(row)
            log.error("audit_journal", error=str(error), waiting=self.waiting)

    def _write_again(self) -> bool:
        """Whether nothing waits in memory any more."""
        while self._unwritten:
            try:
                self.journal.add(self._unwritten[0])
            except OSError as error:
                self._broken = error
                return False
            self._unwritten.pop(0)
        return True

    def _tell_left_out(self) -> None:
        """One row instead of many, once there is room for it."""
        if self._strangers.missed and self._strangers.take():
            row = {"credential": "", "method": SIGN_IN, "object": f"{self._strangers.told()} more tries", "outcome": 429}
            self._keep({**row, "address": "", "request_id": "", "event_time": time.time_ns() // 1_000_000})

    # -- sending

    async def _send(self, batch: Batch) -> PlatformError | None:
        """What the batch has to wait for. Raises PlatformError when the identity service is away, for all of them."""
        rows = batch.rows()
        try:
            if batch.failures < TRIES:
                await self._record(batch.key, rows)
            else:
                await self._one_by_one(batch, rows)
        except PlatformError as error:
            if _refusal(error):
                await self._one_by_one(batch, rows)
            elif error.reason == Reason.INTERNAL:
                batch.failures += 1
                log.error("audit_failed", batch=batch.key, failures=batch.failures, log_id=batch.key)
                return error
            else:
                await asyncio.to_thread(self.journal.sync, batch)
                raise
        self.journal.done(batch)
        return None

    async def _one_by_one(self, batch: Batch, rows: list[Row]) -> None:
        """Each under a key of its own; those that cannot be recorded are set aside. Raises PlatformError when the service is away, or
        takes nothing at all: then it is not the rows."""
        taken, failed = self._taken, []
        for number, row in enumerate(rows):
            try:
                await self._record(f"{batch.key}-{number}", [row])
            except PlatformError as error:
                if not _refusal(error) and error.reason != Reason.INTERNAL:
                    raise
                failed.append((row, error))
        if self._taken == taken and any(not _refusal(why) for _, why in failed):
            raise failed[-1][1]
        for row, why in failed:
            self.journal.set_aside(row, f"{why.reason.name} {why.field or ''}".strip())
            self._count("refused")
            log.error("audit_refused", reason=why.reason.name, field=why.field, limit=why.limit, request_id=row.get("request_id"))

    async def _record(self, key: str, rows: list[Row]) -> None:
        known = {name for _, name, *_ in self._event.thrift_spec.values()}
        events = [self._event(**{name: value for name, value in row.items() if name in known}) for row in rows]
        call = request_struct("identity", "RecordAudit")(events=events, idempotency_key=key)
        await self._clients.send("identity", "RecordAudit", call, self._sessions.itself(key), Deadline.after(self._seconds))
        self._taken += len(rows)
        self._count("recorded", len(rows))

    def _count(self, outcome: str, rows: int = 1) -> None:
        self._metrics.of("modelyard_audit_rows_total", outcome).inc(rows)


def clean(field: str, text: str) -> str:
    """What a row may hold: no control characters, nothing that turns the direction of writing, no half characters, never too long."""
    text = text[: int(limit_of("AuditEvent", field, 11).high)]
    if text.isascii() and text.isprintable():
        return text
    return "".join("\N{REPLACEMENT CHARACTER}" if unicodedata.category(each) in UNSHOWN else each for each in text)


def changes(scope: Any) -> bool:
    """Whether a request may change something people have to account for."""
    return bool(scope["method"] not in SAFE and scope["path"].startswith("/api/"))


def _worth_a_row(scope: Any, code: int, caller: Any) -> bool:
    """Changes and refusals of somebody known; of strangers only tries to sign in, and a cookie that came without its proof."""
    rpc = scope.get("modelyard.rpc")
    if code == 403 or rpc == OUTSIDE:  # the one change that comes by GET: a browser is sent here
        return True
    if caller is None:
        return rpc in (SIGN_IN, FIRST)
    if scope.get("modelyard.leaves"):  # data that is taken out, though nothing changes
        return True
    if scope.get("modelyard.quiet") and code < 400:  # a question by POST, or a part of a file whose declaration and end have rows
        return False
    return changes(scope)


def _refusal(error: PlatformError) -> bool:
    return 400 <= error.code < 500 and error.code not in WAITS


def _named(params: dict[str, Any]) -> str:
    return " ".join(f"{name}={value}" for name, value in params.items())
