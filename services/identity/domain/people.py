"""Departments and users. A user is a person or a program: what they may do stands in memberships, how they prove who they are elsewhere."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from idl.enums import UserKind as UserKind
from libs.common.errors import invalid

FORBIDDEN_IN_ACCOUNTS = frozenset(" \t\r\n/\\\"'<>")


@dataclass(frozen=True)
class Department:
    id: int
    name: str
    desc: str = ""
    create_time: int = 0
    update_time: int = 0
    version: int = 0


@dataclass(frozen=True)
class User:
    """account: unique, as it is compared. administrator: of the whole platform. issuer, subject: at an outside provider, "" for none.
    home_space_id: of a service account, whose owners hold its keys; 0 for a person."""

    id: int
    account: str
    name: str = ""
    department_id: int = 0
    administrator: bool = False
    disabled: bool = False
    issuer: str = ""
    subject: str = ""
    create_time: int = 0
    update_time: int = 0
    version: int = 0
    kind: UserKind = UserKind.PERSON
    home_space_id: int = 0


def account_of(text: str) -> str:
    """An account as it is stored and compared: one spelling for what looks the same. Raises INVALID_ARGUMENT."""
    account = unicodedata.normalize("NFKC", text).casefold().strip()
    if not account or len(account) > 64 or not account.isprintable() or FORBIDDEN_IN_ACCOUNTS & set(account):
        raise invalid("account", limit="1-64 letters, digits and marks without blanks, quotes or slashes")
    return account
