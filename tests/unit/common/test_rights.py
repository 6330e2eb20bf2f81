"""The declaration of rights: one grammar, and a contract without it does not start."""

from __future__ import annotations

import pytest

import idl
from idl import rights
from libs.common.identity.rights import IMPLIED, Rights, held

GOOD = "Does it. Caller: {words}. Raises: none. Idempotent: yes."


def contract(comment: str) -> str:
    return f"\nservice S {{\n    // {comment}\n    XResp DoThing(1: XReq req) throws (1: base.PlatformError error),\n}}\n"


def test_every_rpc_of_every_service_is_declared() -> None:
    for domain in idl.DOMAINS:
        assert set(rights.declared(domain)) == set(idl.methods(domain))
        Rights(domain)


@pytest.mark.parametrize("words", ["developer", "viewer, train, eval", "owner, operator", "administrator", "gateway"])
def test_words_are_read(words: str) -> None:
    assert rights.parse(contract(GOOD.format(words=words)), "x") == {"DoThing": frozenset(words.split(", "))}


@pytest.mark.parametrize(
    "comment",
    [
        "Does it. Raises: none. Idempotent: yes.",
        "Does it.",
        "",
        GOOD.format(words="everybody"),
        GOOD.format(words="developer, admin"),
        GOOD.format(words="Developer"),
        GOOD.format(words="developer,viewer"),
        GOOD.format(words="developer, developer"),
        GOOD.format(words=""),
        GOOD.format(words="anybody"),
        GOOD.format(words="anybody, viewer"),
        GOOD.format(words="viewer") + " Caller: owner. ",
    ],
)
def test_a_method_without_a_good_declaration_does_not_start(comment: str) -> None:
    with pytest.raises(ValueError, match=r"x\.DoThing"):
        rights.parse(contract(comment), "x")


def test_roles_imply_what_the_table_says_and_nothing_else() -> None:
    assert set(IMPLIED) == set(rights.ROLES)
    assert held(frozenset(["viewer"])) == {"viewer"}
    assert held(frozenset(["developer", "rater"])) == {"developer", "rater", "viewer"}
    assert held(frozenset(["owner"])) == set(rights.ROLES)
    assert held(frozenset(["administrator", "train", "nonsense"])) == frozenset()
    for role in rights.ROLES:
        assert held(frozenset([role])) == held(held(frozenset([role]))), "implying is closed"
