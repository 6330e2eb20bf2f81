"""The contract with types: ``from idl.typed import model; model.GetProjectReq(id=1)``.

A type checker and an editor see the generated stubs; at run time each name is loaded when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from idl.stubs import base, dataset, deploy, eval, identity, model, task, train

    __all__ = ["base", "dataset", "deploy", "eval", "identity", "model", "task", "train"]
else:
    import idl

    def __getattr__(name: str) -> Any:
        try:
            return idl.load(name)
        except KeyError:
            raise AttributeError(name) from None
