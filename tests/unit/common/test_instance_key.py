"""The key of an instance: who holds it may ask and can prove itself; nobody else learns anything by watching one side."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from libs.common import instance_key


def test_who_has_the_key_is_let_in_and_believed() -> None:
    key = instance_key.new_key()
    ticket = instance_key.ticket(key)
    proof = instance_key.proof(key, ticket)
    assert proof is not None
    assert instance_key.proves(key, ticket, proof)
    assert key not in ticket + proof
    assert instance_key.is_key(key, f"Bearer {key}")


def test_keys_and_tickets_are_never_the_same_twice() -> None:
    key = instance_key.new_key()
    assert len({instance_key.new_key() for _ in range(100)}) == 100
    assert len({instance_key.ticket(key) for _ in range(100)}) == 100


def test_another_key_lets_nobody_in_and_proves_nothing() -> None:
    key, other = instance_key.new_key(), instance_key.new_key()
    ticket = instance_key.ticket(key)
    assert instance_key.proof(other, ticket) is None
    proof = instance_key.proof(key, ticket)
    assert proof is not None
    assert not instance_key.proves(other, ticket, proof)
    assert not instance_key.proves(key, instance_key.ticket(key), proof), "the proof of one ticket is none for another"
    assert not instance_key.proves(key, ticket, ticket.partition(".")[2]), "a ticket thrown back is no proof"
    assert instance_key.headers("") == {}


@given(st.text(max_size=200))
def test_no_text_passes(text: str) -> None:
    key = "k" * 64
    assert instance_key.proof(key, text) is None
    assert not instance_key.proves(key, instance_key.ticket(key), text)
    assert not instance_key.is_key(key, text)
    assert not instance_key.is_key(key, f"Bearer {text}")
