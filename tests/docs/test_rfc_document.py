"""docs/rfc.md names tests that exist, and every RFC that the project claims."""

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent
DOCUMENT = (TESTS.parent / "docs" / "rfc.md").read_text()
NAMED = sorted(set(re.findall(r"`([\w/]+\.py)::(\w+)`", DOCUMENT)))

CLAIMED = [
    *(
        1997,
        2385,
        2918,
        4360,
        4456,
        4486,
        4724,
        4760,
        5082,
        5492,
        6286,
        6396,
        6608,
        6793,
        7313,
        7606,
        7607,
        7911,
        8092,
    ),
    *(7854, 8050, 8212, 8326, 8538, 8654, 8950, 9003, 9072, 9234, 9494, 9687),
]
"""Beside RFC 4271, which has a chapter of its own."""


@pytest.mark.parametrize(("file", "name"), NAMED, ids=str)
def test_named_test_exists(file, name):
    tree = ast.parse((TESTS / file).read_text())
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    names = {node.name for node in tree.body if isinstance(node, kinds)}
    names |= {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    assert name in names


@pytest.mark.parametrize("number", CLAIMED)
def test_claimed_rfc_has_a_row_with_a_test(number):
    rows = [line for line in DOCUMENT.splitlines() if line.startswith("|") and ".py::" in line]
    assert any(re.match(rf"\| {number}\b", row) for row in rows)


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:wire|fsm|rib|bgpd)/[\w/]+\.?\w*)`", DOCUMENT))))
def test_named_file_of_the_code_exists(path):
    assert (TESTS.parent / path).exists()
