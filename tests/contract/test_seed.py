"""Law 1: the seed's names and numbers are frozen; extensions only add.

The facts of ``seed.thrift`` are copied here, because the seed's files are not part of this repository.
"""

from __future__ import annotations

import pytest

import idl
from tests.contract.idl_text import enums

SEED = {
    "DatasetType": {"Image": 1, "Text": 2, "Video": 3},
    "DatasetTaskType": {"Cleaning": 1000, "Augmentation": 2000, "Annotation": 3000},
    "DatasetTaskSubType": {
        "Bounding_Box_Annotation": 3001,
        "Image_Description": 3002,
        "Video_Description": 3003,
        "Sentiment_Analysis": 3004,
        "Speech_Recognition": 3005,
    },
}


@pytest.mark.parametrize("enum", SEED)
def test_every_seed_member_keeps_its_name_and_number(enum: str) -> None:
    assert enums("dataset")[enum].items() >= SEED[enum].items()


def test_a_sub_type_belongs_to_the_type_of_its_thousand() -> None:
    types = enums("dataset")["DatasetTaskType"].values()
    for name, number in enums("dataset")["DatasetTaskSubType"].items():
        assert number // 1000 * 1000 in types, name


@pytest.mark.parametrize("file", idl.FILES)
def test_no_number_of_an_enum_is_used_twice(file: str) -> None:
    for enum, members in enums(file).items():
        assert len(set(members.values())) == len(members), enum
