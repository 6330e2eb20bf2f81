"""Generated from idl/*.thrift by `make contract`; not edited by hand. The SDK's calls, one per RPC that is reached over HTTP.

Ids are texts (numbers are taken too), enumerations their names, times milliseconds since the epoch (UTC). Each raises ``ApiError``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from libs.client.failure import Json
from libs.client.group import Group, part


class AppCalls(Group):
    """Of the app domain."""

    def create_base(self, name: str, *, desc: str | None = None, secrecy: str | None = None, threshold: float | None = None, model: str | None = None) -> Json:
        """Makes a knowledge base. Raises ALREADY_EXISTS, FORBIDDEN."""
        return self._ask("POST", "/knowledge/bases", "knowledge_base", body={"name": name, "desc": desc, "secrecy": secrecy, "threshold": threshold, "model": model})

    def get_base(self, id: str | int) -> Json:
        """Shows a knowledge base and how much of it the caller may see. Raises NOT_FOUND."""
        return self._ask("GET", f"/knowledge/bases/{part(id)}", "knowledge_base")

    def list_bases(self, *, limit: int | None = None) -> Iterator[Json]:
        """Lists the knowledge bases of the caller's space, newest first. Raises INVALID_ARGUMENT."""
        return self._pages("/knowledge/bases", "knowledge_bases", {"limit": limit})

    def update_base(self, id: str | int, expected_version: int, *, name: str | None = None, desc: str | None = None, threshold: float | None = None, model: str | None = None) -> Json:
        """Changes what is sent: name, description, the threshold below which it refuses, the model that writes answers. Raises NOT_FOUND, ALREADY_EXISTS, STALE_VERSION, MISSING_VERSION."""
        return self._ask("PATCH", f"/knowledge/bases/{part(id)}", "knowledge_base", body={"name": name, "desc": desc, "threshold": threshold, "model": model, "expected_version": expected_version})

    def delete_base(self, id: str | int, expected_version: int) -> Json:
        """Removes a knowledge base with all its texts, for good. Raises NOT_FOUND, STALE_VERSION, MISSING_VERSION."""
        return self._ask("DELETE", f"/knowledge/bases/{part(id)}", "knowledge_base", query={"expected_version": expected_version})

    def add_document(self, base_id: str | int, name: str, kind: str, *, content: str | None = None, pairs: list[Json] | None = None, secrecy: str | None = None) -> Json:
        """Adds a document, or a new version of the one with this name; the same text again changes nothing. Raises NOT_FOUND, ALREADY_EXISTS, FORBIDDEN, INVALID_ARGUMENT, TOO_LARGE."""
        return self._ask("POST", f"/knowledge/bases/{part(base_id)}/documents", body={"name": name, "kind": kind, "content": content, "pairs": pairs, "secrecy": secrecy})

    def add_dataset(self, base_id: str | int, dataset_version_id: str | int) -> Json:
        """Adds the records of a dataset version as documents; what an earlier version of it had and this one has not goes. Raises NOT_FOUND, FORBIDDEN, INVALID_ARGUMENT, TOO_LARGE, FILE_MISSING, CHECKSUM_MISMATCH, UNAVAILABLE."""
        return self._ask("POST", f"/knowledge/bases/{part(base_id)}/datasets", body={"dataset_version_id": dataset_version_id})

    def get_document(self, id: str | int, *, document_version_id: str | int | None = None) -> Json:
        """Shows a document and what it said in one of its versions. Raises NOT_FOUND."""
        return self._ask("GET", f"/knowledge/documents/{part(id)}", query={"document_version_id": document_version_id})

    def list_documents(self, base_id: str | int, *, name_prefix: str | None = None, limit: int | None = None) -> Iterator[Json]:
        """Lists the documents of a knowledge base that the caller may see, newest first. Raises NOT_FOUND, INVALID_ARGUMENT."""
        return self._pages(f"/knowledge/bases/{part(base_id)}/documents", "knowledge_documents", {"name_prefix": name_prefix, "limit": limit})

    def delete_document(self, id: str | int, expected_version: int) -> Json:
        """Removes a document with all its texts, for good. Raises NOT_FOUND, STALE_VERSION, MISSING_VERSION."""
        return self._ask("DELETE", f"/knowledge/documents/{part(id)}", "knowledge_document", query={"expected_version": expected_version})

    def search_base(self, base_id: str | int, question: str, *, want: int | None = None) -> Any:
        """Finds the passages of a knowledge base that are nearest to a question, among those the caller may see. Raises NOT_FOUND."""
        return self._ask("GET", f"/knowledge/bases/{part(base_id)}/search", "passages", query={"question": question, "want": want})

    def ask_base(self, base_id: str | int, question: str) -> Json:
        """Answers a question from a knowledge base: by a pair that somebody wrote, by its model, or by quoting; each sentence with where it stands. It refuses rather than be wrong. Raises NOT_FOUND, NOT_DEPLOYED, NOT_READY, UNAVAILABLE."""
        return self._ask("GET", f"/knowledge/bases/{part(base_id)}/answer", "knowledge_answer", query={"question": question})
