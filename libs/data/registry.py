"""What there is of one sort of thing (operators, metrics, kinds of work), read from a folder: one file each, and adding the file is enough.

A file of the folder declares ``KIND``; the folder's ``__init__`` lists them with ``kinds_in``. There is no other place that names them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Protocol, TypeVar

from libs.common.work.asking import Ask
from libs.data.options import NoOptions


class Named(Protocol):
    """What can be listed. place: where it stands in lists, those of one place by name."""

    @property
    def name(self) -> str: ...
    @property
    def place(self) -> int: ...


N = TypeVar("N", bound=Named)
SMALL = Ask()
LAST = 1000  # the place of what asks for none


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of work. options: the class it is told with. entry: its engine as ``module:function``, "" where another engine runs it.
    needs: the extras that must be installed where it runs. makes: what comes out of it. asks: the resources it needs where its options say
    nothing of that."""

    name: str
    options: type[Any] = NoOptions
    entry: str = ""
    needs: tuple[str, ...] = ()
    makes: tuple[str, ...] = ()
    asks: Ask = SMALL
    place: int = LAST

    def ask_of(self, options: Mapping[str, Any]) -> Ask:
        """What a task with these options needs: ``threads`` and ``processes`` are cores, and a device that is named is an accelerator."""
        cores = max(int(options.get(name) or 1) for name in ("threads", "processes"))
        accelerator = 1000 if options.get("device") == "cuda" else self.asks.accelerator_milli
        return replace(self.asks, cpu_milli=max(self.asks.cpu_milli, 1000 * cores), accelerator_milli=accelerator)


def kinds_in(package: str, sort: type[N]) -> dict[str, N]:
    """The ``KIND`` of every module of ``package`` by name, in order of place and name. Modules that begin with "_" hold what several share.

    Raises TypeError for a module without one, ValueError for a name that is taken: the process does not start with half a registry.
    """
    found: dict[str, N] = {}
    for module in sorted(each.name for each in iter_modules(import_module(package).__path__) if not each.name.startswith("_")):
        kind = getattr(import_module(f"{package}.{module}"), "KIND", None)
        if not isinstance(kind, sort):
            raise TypeError(f"{package}.{module} declares no KIND of type {sort.__name__}")
        if kind.name in found:
            raise ValueError(f"{package}.{module}: the name {kind.name} is taken")
        found[kind.name] = kind
    return {kind.name: kind for kind in sorted(found.values(), key=lambda kind: (kind.place, kind.name))}
