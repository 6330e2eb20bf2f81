"""A real MariaDB for tests: own data folder, own port, small buffers, a flush at every commit. ``MODELYARD_TEST_MYSQL`` names another."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

import pymysql
import sqlalchemy as sa

from libs.common.store import mysql
from tests import needs
from tests.support.ports import free_port

START_SECONDS = 60
USER, PASSWORD = "modelyard", "geheim-口令"


@dataclass
class MariaDB:
    """folder: None = somebody else's server, never killed. url: with {service} still in it."""

    url: str
    folder: Path | None = None
    port: int = 0
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def fresh(self) -> str:
        """An address of schemas nobody uses, with {service} in it."""
        return self.url.replace("modelyard_{service}", f"modelyard_{uuid.uuid4().hex[:8]}_{{service}}")

    def start(self) -> None:
        assert self.folder is not None
        log = (self.folder / "server.log").open("ab")
        self.process = subprocess.Popen(
            [
                "mariadbd",
                "--no-defaults",
                f"--datadir={self.folder / 'data'}",
                f"--socket={self.folder / 's'}",
                f"--pid-file={self.folder / 'pid'}",
                *(["--user=root"] if os.geteuid() == 0 else []),
                "--skip-networking=0",
                "--bind-address=127.0.0.1",
                f"--port={self.port}",
                "--innodb-buffer-pool-size=64M",
                "--innodb-log-file-size=32M",
                "--innodb-flush-log-at-trx-commit=1",
                "--max-connections=500",
                "--max-allowed-packet=64M",
                "--performance-schema=OFF",
                "--skip-log-bin",
            ],
            stdout=log,
            stderr=log,
        )
        log.close()
        self.wait()

    def wait(self) -> None:
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                self.root().close()
                return
            except pymysql.MySQLError:
                assert self.process is not None
                assert self.process.poll() is None, self._log()
                assert time.monotonic() < end, self._log()
                time.sleep(0.05)

    def root(self) -> pymysql.connections.Connection:
        assert self.folder is not None
        return pymysql.connect(unix_socket=str(self.folder / "s"), user="root", connect_timeout=2, read_timeout=20, autocommit=True)

    def send(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self) -> None:
        """kill -9, and only back when it is gone."""
        self.send(signal.SIGKILL)
        assert self.process is not None
        self.process.wait(30)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.send(signal.SIGCONT)
            self.process.kill()
            self.process.wait(30)

    def _log(self) -> str:
        assert self.folder is not None
        return (self.folder / "server.log").read_text(errors="replace")[-4000:]


def can_start() -> bool:
    """Whether a server of a test's own can be started here, to be stopped and killed."""
    return needs.own_mysql_server()


@contextmanager
def running(folder: Path) -> Iterator[MariaDB]:
    """A server of this test's own, empty but for a user who may create schemas."""
    folder.mkdir(parents=True, exist_ok=True)
    program = shutil.which("mariadb-install-db")
    assert program is not None
    root = ["--user=root"] if os.geteuid() == 0 else []
    made = subprocess.run(
        [program, "--no-defaults", f"--datadir={folder / 'data'}", "--auth-root-authentication-method=normal", "--skip-test-db", *root],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    port = free_port()
    address = sa.URL.create("mysql+pymysql", USER, PASSWORD, "127.0.0.1", port, "modelyard_{service}")
    text = address.render_as_string(hide_password=False).replace("%7Bservice%7D", "{service}")
    server = MariaDB(text, folder, port)
    try:
        server.start()
        with server.root() as conn, conn.cursor() as cursor:
            cursor.execute(f"CREATE USER '{USER}'@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'")
            cursor.execute(f"GRANT ALL ON `modelyard\\_%`.* TO '{USER}'@'127.0.0.1'")
        yield server
    finally:
        server.stop()


def drop(address: str) -> None:
    """Removes every schema of an address with {service} in it."""
    prefix = str(mysql.parse(address).database).replace("{service}", "")
    engine = mysql.open_engine(address, reads=True, database=False)
    with engine.connect() as conn:
        for name in conn.exec_driver_sql("SHOW DATABASES").scalars().all():
            if name.startswith(prefix):
                conn.exec_driver_sql(f"DROP DATABASE `{name}`")
    engine.dispose()


@contextmanager
def trips() -> Iterator[list[str]]:
    """The first word of whatever goes to a server inside the block and waits for its answer; "" is the pool's ping."""
    found: list[str] = []
    send = mysql.Connection._execute_command

    def sent(self: mysql.Connection, command: int, sql: str | bytes | bytearray) -> None:
        text = sql if isinstance(sql, str) else bytes(sql).decode(errors="replace")
        found.append(text.split(maxsplit=1)[0] if text else "")
        send(self, command, sql)

    with mock.patch.object(mysql.Connection, "_execute_command", sent):
        yield found
