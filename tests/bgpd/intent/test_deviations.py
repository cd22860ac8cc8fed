"""The page of deviations names tests that exist."""

import re
from pathlib import Path

import pytest

_HERE = Path(__file__).parent
_PAGE = (_HERE.parents[2] / "docs" / "reference" / "deviations.md").read_text()
_REFERENCES = sorted(set(re.findall(r"`((?:\.\./)?(?:\w+/)?test_\w+\.py)::(\w+)`", _PAGE)))


@pytest.mark.parametrize(("file", "name"), _REFERENCES)
def test_reference(file: str, name: str) -> None:
    assert re.search(rf"^(def|async def|class) {name}\b", (_HERE / file).read_text(), re.MULTILINE)


def test_there_are_references() -> None:
    assert len(_REFERENCES) > 10
