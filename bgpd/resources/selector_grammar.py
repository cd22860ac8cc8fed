"""The grammar of selectors: from text to one predicate over label maps (calico-reference.md section 3)."""

import re
from collections.abc import Callable, Mapping

from bgpd.resources.values import RuleError

Labels = Mapping[str, str]
Predicate = Callable[[Labels], bool]

_BLANK = re.compile(r"[ \t]*")
_LABEL = re.compile(r"[A-Za-z0-9_./-]{1,512}")
_WORD_END = r"(?![A-Za-z0-9_./-])"
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")


class SelectorError(RuleError):
    """A selector that does not parse; `position` counts characters from 0."""

    def __init__(self, rule: str, text: str, position: int) -> None:
        self.position = position
        super().__init__(f"{rule} at position {position + 1} of {text!r}")


def _everything(_labels: Labels) -> bool:
    return True


def _has(label: str) -> Predicate:
    return lambda labels: label in labels


def _equals(label: str, value: str) -> Predicate:
    return lambda labels: labels.get(label) == value


def _contains(label: str, value: str) -> Predicate:
    return lambda labels: label in labels and value in labels[label]


def _starts_with(label: str, value: str) -> Predicate:
    return lambda labels: label in labels and labels[label].startswith(value)


def _ends_with(label: str, value: str) -> Predicate:
    return lambda labels: label in labels and labels[label].endswith(value)


def _in(label: str, values: frozenset[str]) -> Predicate:
    return lambda labels: labels.get(label) in values


def _not(inner: Predicate) -> Predicate:
    return lambda labels: not inner(labels)


def _all_of(terms: tuple[Predicate, ...]) -> Predicate:
    return terms[0] if len(terms) == 1 else lambda labels: all(term(labels) for term in terms)


def _any_of(terms: tuple[Predicate, ...]) -> Predicate:
    return terms[0] if len(terms) == 1 else lambda labels: any(term(labels) for term in terms)


# What may stand behind a label: token, whether the predicate is negated, how to build it. `!=` and `not in`
# are true where the label is absent, exactly as the negation of the positive form is.
_STRING_OPERATORS: tuple[tuple[re.Pattern[str], bool, Callable[[str, str], Predicate]], ...] = (
    (re.compile("=="), False, _equals),
    (re.compile("!="), True, _equals),
    (re.compile("contains" + _WORD_END), False, _contains),
    (re.compile("starts[ \t]*with" + _WORD_END), False, _starts_with),
    (re.compile("ends[ \t]*with" + _WORD_END), False, _ends_with),
)
_SET_OPERATORS = (
    (re.compile("in" + _WORD_END), False),
    (re.compile("not[ \t]*in" + _WORD_END), True),
)
_MATCH_ALL = re.compile(r"(?:all|global)\(")
_HAS = re.compile(r"has\(")


class _Parser:
    """Recursive descent over the grammar of section 3; blanks are skipped before every token."""

    # One level of parentheses costs four Python frames; far beyond what anybody writes, far below the stack.
    max_depth = 100

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.depth = 0
        self.labels: set[str] = set()

    def error(self, rule: str) -> SelectorError:
        return SelectorError(rule, self.text, self.position)

    def take(self, pattern: re.Pattern[str]) -> str | None:
        """Consume a token if it comes next."""
        match = pattern.match(self.text, self.position)
        if match is None:
            return None
        self.position = match.end()
        return match[0]

    def take_symbol(self, symbol: str) -> bool:
        """Consume a symbol if it comes next, blanks before it included."""
        self.take(_BLANK)
        if not self.text.startswith(symbol, self.position):
            return False
        self.position += len(symbol)
        return True

    def selector(self) -> Predicate:
        """Parse the whole text. Raises SelectorError."""
        self.take(_BLANK)
        if self.position == len(self.text):
            return _everything
        predicate = self.any_of()
        self.take(_BLANK)
        if self.position < len(self.text):
            raise self.trailing()
        return predicate

    def trailing(self) -> SelectorError:
        """Name what is missing between two terms that merely follow each other."""
        rest = self.text[self.position]
        halves = {"|": "expected ||", "&": "expected &&"}
        return self.error(halves.get(rest, "unexpected content at end of selector"))

    def any_of(self) -> Predicate:
        terms = [self.all_of()]
        while self.take_symbol("||"):
            terms.append(self.all_of())
        return _any_of(tuple(terms))

    def all_of(self) -> Predicate:
        terms = [self.unary()]
        while self.take_symbol("&&"):
            terms.append(self.unary())
        return _all_of(tuple(terms))

    def unary(self) -> Predicate:
        negated = False
        while self.take_symbol("!"):
            negated = not negated
        primary = self.primary()
        return _not(primary) if negated else primary

    def primary(self) -> Predicate:
        if self.take_symbol("("):
            return self.group()
        if self.take(_MATCH_ALL):
            self.close("expected )")
            return _everything
        if self.take(_HAS):
            self.take(_BLANK)
            label = self.label()
            self.close("no closing ')' after has(")
            return _has(label)
        return self.comparison(self.label())

    def group(self) -> Predicate:
        self.depth += 1
        if self.depth > self.max_depth:
            raise self.error(f"parentheses deeper than {self.max_depth}")
        predicate = self.any_of()
        self.close("expected )")
        self.depth -= 1
        return predicate

    def close(self, rule: str) -> None:
        if not self.take_symbol(")"):
            raise self.error(rule)

    def label(self) -> str:
        label = self.take(_LABEL)
        if label is None:
            raise self.error("expected identifier")
        self.labels.add(label)
        return label

    def comparison(self, label: str) -> Predicate:
        self.take(_BLANK)
        for pattern, negated, build in _STRING_OPERATORS:
            if self.take(pattern):
                predicate = build(label, self.string())
                return _not(predicate) if negated else predicate
        for pattern, negated in _SET_OPERATORS:
            if self.take(pattern):
                predicate = _in(label, self.set())
                return _not(predicate) if negated else predicate
        if self.text.startswith("=", self.position):
            raise self.error("expected ==")
        raise self.error(f"expected operator after label {label}")

    def string(self) -> str:
        self.take(_BLANK)
        quoted = self.take(_QUOTED)
        if quoted is not None:
            return quoted[1:-1]
        quote = self.text[self.position : self.position + 1]
        raise self.error("unterminated string" if quote in {'"', "'"} else "expected string")

    def set(self) -> frozenset[str]:
        if not self.take_symbol("{"):
            raise self.error("expected set literal")
        values: list[str] = []
        while not self.take_symbol("}"):
            values.append(self.string())
            if not self.take_symbol(","):
                if self.take_symbol("}"):
                    break
                raise self.error("expected }")
        return frozenset(values)


def parse(text: str) -> tuple[Predicate, frozenset[str]]:
    """Return what a selector selects, and the labels it looks at. Raises SelectorError."""
    parser = _Parser(text)
    return parser.selector(), frozenset(parser.labels)
