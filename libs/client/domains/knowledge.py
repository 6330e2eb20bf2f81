"""``client.knowledge``: knowledge bases, their documents, and what is found in them, under short names."""

from __future__ import annotations

from libs.client.groups.app import AppCalls


class Knowledge(AppCalls):
    create, get, list, delete = AppCalls.create_base, AppCalls.get_base, AppCalls.list_bases, AppCalls.delete_base
    add, document, documents = AppCalls.add_document, AppCalls.get_document, AppCalls.list_documents
    update, search, ask = AppCalls.update_base, AppCalls.search_base, AppCalls.ask_base
