"""The selector language: grammar, evaluation, error texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bgpd.resources import SelectorError, parse_selector

LABELS = {"a": "1", "rack": "rack-1", "in": "x", "has": "y", "empty": "", "example.com/role": "tor"}

MATCHING = [
    "",
    " \t ",
    "all()",
    "all( )",
    "global()",
    "a == '1'",
    'a=="1"',
    "a != '2'",
    "absent != 'x'",
    "!(a == '2')",
    "!!a == '1'",
    "! ! ! has(absent)",
    "has(a)",
    "has( a\t)",
    "has(example.com/role)",
    "example.com/role == 'tor'",
    "rack contains 'ck-'",
    "rack starts with 'rack'",
    "rack startswith 'rack'",
    "rack starts \t with 'rack'",
    "rack ends with '-1'",
    "rack endswith'-1'",
    "a in {'1', '2'}",
    "a in {'1',}",
    "a in{'1'}",
    "a not in {'2'}",
    "a notin {'2'}",
    "a not in {}",
    "absent not in {'1'}",
    "in == 'x'",
    "in in {'x'}",
    "has == 'y'",
    "empty == ''",
    "empty contains ''",
    "a == '2' || a == '1' && has(rack)",
    "(a == '2' || a == '1') && has(rack)",
    "a == '1' && (has(x) || (has(rack)))",
]
OTHERS = [
    "a == '2'",
    "absent == ''",
    "absent contains ''",
    "absent starts with ''",
    "absent ends with ''",
    "absent in {''}",
    "a in {}",
    "a != '1'",
    "a not in {'1'}",
    "has(absent)",
    "!all()",
    "!has(a)",
    "rack contains 'RACK'",
    "rack starts with '1'",
    "rack ends with 'rack'",
    "a == '1' && a == '2'",
    "!a == '1'",
    "(a == '1' || all()) && has(absent)",
]
ERRORS = [
    ("a == 'x", "unterminated string"),
    ('a == "x', "unterminated string"),
    ("a = 'x'", "expected =="),
    ("a == 'x' & b == 'y'", "expected &&"),
    ("a == 'x' | b == 'y'", "expected ||"),
    ("a", "expected operator after label a"),
    ("a ! 'x'", "expected operator after label a"),
    ("a infoo {'x'}", "expected operator after label a"),
    ("a not {'x'}", "expected operator after label a"),
    ("has(a", "no closing ')' after has("),
    ("has()", "expected identifier"),
    ("has (a)", "expected operator after label has"),
    ("&& a == 'x'", "expected identifier"),
    ("!", "expected identifier"),
    ("a ==", "expected string"),
    ("a == x", "expected string"),
    ("a in {'x' 'y'}", "expected }"),
    ("a in {'x'", "expected }"),
    ("a in {,}", "expected string"),
    ("a in 'x'", "expected set literal"),
    ("(a == 'x'", "expected )"),
    ("all(x)", "expected )"),
    ("a == 'x' b", "unexpected content at end of selector"),
    ("a == 'x')", "unexpected content at end of selector"),
    ("a == 'x'\n", "unexpected content at end of selector"),
    ("a ==\n'x'", "expected string"),
    ("(" * 200 + "all()" + ")" * 200, "parentheses deeper"),
]


@pytest.mark.parametrize("text", MATCHING)
def test_selects(text: str) -> None:
    assert parse_selector(text).matches(LABELS)


@pytest.mark.parametrize("text", OTHERS)
def test_does_not_select(text: str) -> None:
    assert not parse_selector(text).matches(LABELS)


@pytest.mark.parametrize(("text", "message"), ERRORS)
def test_says_what_it_expected_and_where(text: str, message: str) -> None:
    with pytest.raises(SelectorError) as caught:
        parse_selector(text)
    assert str(caught.value).startswith(message)
    assert 0 <= caught.value.position <= len(text)


def test_selectors_are_values() -> None:
    assert parse_selector("all()") == parse_selector("all()")
    assert len({parse_selector("all()"), parse_selector("has(a)")}) == 2
    assert str(parse_selector("has(a)")) == "has(a)"


# A selector as a tree, so that its text can be written and its meaning computed independently.
labels = st.sampled_from(["a", "b", "in", "not", "has", "x.y/z"])
values = st.text(st.characters(exclude_characters="'", exclude_categories=["Cs"]), max_size=4)
Tree = tuple[object, ...]
leaves: st.SearchStrategy[Tree] = st.one_of(
    st.tuples(st.just("has"), labels),
    st.tuples(st.sampled_from(["==", "!=", "contains", "starts with", "ends with"]), labels, values),
    st.tuples(st.sampled_from(["in", "not in"]), labels, st.lists(values, max_size=3)),
)
trees = st.recursive(
    leaves,
    lambda inner: st.tuples(st.just("!"), inner) | st.tuples(st.sampled_from(["&&", "||"]), inner, inner),
    max_leaves=6,
)
MEANING = {
    "==": lambda have, want: have == want,
    "!=": lambda have, want: have != want,
    "contains": lambda have, want: have is not None and want in have,
    "starts with": lambda have, want: have is not None and have.startswith(want),
    "ends with": lambda have, want: have is not None and have.endswith(want),
    "in": lambda have, want: have is not None and have in want,
    "not in": lambda have, want: have is None or have not in want,
}


def write(tree: Tree) -> str:
    match tree:
        case ("has", label):
            return f"has({label})"
        case ("!", inner):
            return f"!({write(inner)})"
        case ("&&" | "||" as operator, left, right):
            return f"({write(left)}) {operator} ({write(right)})"
        case ("in" | "not in" as operator, label, list(members)):
            return f"{label} {operator} {{{', '.join(repr_quoted(m) for m in members)}}}"
        case (operator, label, value):
            return f"{label} {operator} {repr_quoted(str(value))}"
    raise AssertionError(tree)


def repr_quoted(value: str) -> str:
    return f"'{value}'"


def mean(tree: Tree, have: dict[str, str]) -> bool:
    match tree:
        case ("has", label):
            return label in have
        case ("!", inner):
            return not mean(inner, have)
        case ("&&", left, right):
            return mean(left, have) and mean(right, have)
        case ("||", left, right):
            return mean(left, have) or mean(right, have)
        case (operator, label, want):
            return bool(MEANING[str(operator)](have.get(str(label)), want))
    raise AssertionError(tree)


@given(tree=trees, have=st.dictionaries(labels, values, max_size=4))
def test_means_what_its_tree_means(tree: Tree, have: dict[str, str]) -> None:
    assert parse_selector(write(tree)).matches(have) is mean(tree, have)


@given(st.text(alphabet="ab ()!&|='\"{},hasinot/.\n", max_size=40) | st.text(max_size=20))
def test_any_text_parses_or_raises_selector_error(text: str) -> None:
    try:
        selector = parse_selector(text)
    except SelectorError as error:
        assert error.rule  # noqa: PT017  (either outcome is right)
    else:
        assert selector.matches({"a": "b"}) in {True, False}
