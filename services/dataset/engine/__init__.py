"""The heavy work of the dataset domain: import, cleaning, conversion and split. Pure over files: no database, no Thrift, no task states.

Entry points have the shape of ``libs.common.work.engine``: ``importing.run``, ``pydoc_pages.run``, ``cleaning.run``, ``conversion.run``,
``splitting.run``. Each writes a dataset version to ``work / "out"`` and what it left out to ``work / "dropped"``.
"""
