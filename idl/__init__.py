"""The contract, and its only loader: every .thrift file is parsed once per process, so that every class exists once.

``load("model")`` gives the thriftpy2 module of ``idl/model.thrift``. Struct classes of ``base`` and ``task`` are the same objects
whichever domain they are reached through.
"""

from __future__ import annotations

import threading
from pathlib import Path
from types import ModuleType
from typing import Any

from idl import manifest

FOLDER = Path(__file__).parent
DOMAINS = manifest.NAMES
FILES = ("base", "task", *DOMAINS)

_loaded: dict[str, ModuleType] = {}
_lock = threading.Lock()


def load(name: str) -> Any:
    """The parsed module of ``idl/<name>.thrift``. Raises KeyError for a name that is not in ``FILES``."""
    if name not in FILES:
        raise KeyError(f"no idl/{name}.thrift")
    with _lock:
        if name not in _loaded:
            import thriftpy2

            # thriftpy2 caches by module name: includes are parsed under "<file>_thrift", so the same name joins both ways in.
            _loaded[name] = thriftpy2.load(str(FOLDER / f"{name}.thrift"), module_name=f"{name}_thrift")
        return _loaded[name]


def service(name: str) -> Any:
    """The service class of a domain: ``service("model")`` is ``ModelService``."""
    return getattr(load(name), manifest.BY_NAME[name].word)


def methods(name: str) -> list[str]:
    """All RPC names of a domain's service, those inherited from ``PlatformService`` included."""
    return list(service(name).thrift_services)
