"""Fault points: what arms one, when it strikes, and that nothing happens otherwise. A crash is seen from outside, in another process."""

from __future__ import annotations

import errno
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from libs.common import fault
from libs.common.errors import PlatformError, Reason
from libs.common.settings import load
from tests.support.fault_points import ROOT

PASSING = """
from libs.common import fault
for n in range(3):
    print(n, flush=True)
    fault.point("a.b")
    fault.point("a.c")
print("end")
"""


@pytest.fixture(autouse=True)
def _disarmed() -> Iterator[None]:
    yield
    fault.arm(None)


def passing(armed: str) -> subprocess.CompletedProcess[str]:
    environ = {fault.VARIABLE: armed} if armed else {}
    return subprocess.run([sys.executable, "-c", PASSING], env=environ, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_a_crash_is_a_kill_at_the_nth_passage() -> None:
    done = passing("a.b=crash@2")
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, "0\n1\n")
    assert done.stderr == "fault a.b crash\n"


@pytest.mark.parametrize("armed", ["", "a.z=crash", "a.b=crash@9"])
def test_what_is_not_reached_does_nothing(armed: str) -> None:
    done = passing(armed)
    assert (done.returncode, done.stdout, done.stderr) == (0, "0\n1\n2\nend\n", "")


def test_it_strikes_once() -> None:
    fault.arm(fault.parse("a.b=raise@2"))
    fault.point("a.b")
    fault.point("a.c")
    with pytest.raises(fault.InjectedFault, match=r"a\.b"):
        fault.point("a.b")
    fault.point("a.b")


def test_the_other_kinds(capfd: pytest.CaptureFixture[str]) -> None:
    fault.arm(fault.parse("a.b=disk_full"))
    with pytest.raises(OSError) as caught:
        fault.point("a.b")
    assert caught.value.errno == errno.ENOSPC
    fault.arm(fault.parse("a.b=drop_reply"))
    with pytest.raises(fault.ReplyDropped):
        fault.point("a.b")
    fault.arm(fault.parse("a.b=sleep:1"))
    fault.point("a.b")
    assert capfd.readouterr().err == "fault a.b disk_full\nfault a.b drop_reply\nfault a.b sleep\n"


@pytest.mark.parametrize(
    "text", ["a.b", "=crash", "a.b=", "a.b=burn", "a.b=crash@0", "a.b=crash@x", "a.b=sleep", "a.b=sleep:x", "a.b=raise:5"]
)
def test_a_wrong_wish_is_refused_by_name(text: str) -> None:
    with pytest.raises(PlatformError) as caught:
        fault.parse(text)
    assert (caught.value.reason, caught.value.field) == (Reason.INVALID_SETTING, fault.VARIABLE)
    assert passing(text).returncode != 0


def test_the_variable_is_no_setting_and_no_unknown_one() -> None:
    assert load({fault.VARIABLE: "a.b=crash"}) == load({})
