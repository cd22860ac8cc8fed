"""A record is what a dataclass would be: every case is held against `dataclass` with the same options."""

from collections.abc import Callable
from dataclasses import FrozenInstanceError, asdict, dataclass, fields, is_dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

import pytest

from records import field, record

OPTIONS: list[dict[str, bool]] = [
    {"frozen": frozen, "eq": eq, "kw_only": kw_only, "slots": slots}
    for frozen in (True, False)
    for eq in (True, False)
    for kw_only in (True, False)
    for slots in (True, False)
]


def _both(options: dict[str, bool]) -> tuple[type[Any], type[Any]]:
    """Make the same class by either decorator."""

    def make(decorate: Callable[[type[Any]], type[Any]]) -> type[Any]:
        class Route:
            kind: ClassVar[str] = "route"
            prefix: str
            metric: int = 7
            tags: list[str] = field(default_factory=list)
            cost: int = field(default=1, compare=False, repr=False)

        return decorate(Route)

    return make(record(**options)), make(dataclass(**options))


@pytest.mark.parametrize("options", OPTIONS)
def test_makes_and_shows_values_as_a_dataclass_does(options: dict[str, bool]) -> None:
    ours, theirs = _both(options)
    for named in ({"prefix": "a"}, {"prefix": "b", "metric": 1, "tags": ["x"], "cost": 3}):
        assert repr(ours(**named)) == repr(theirs(**named))
        assert asdict(ours(**named)) == asdict(theirs(**named))
    assert is_dataclass(ours)
    assert [each.name for each in fields(ours)] == [each.name for each in fields(theirs)]
    assert ours.__match_args__ == theirs.__match_args__
    assert asdict(replace(ours(prefix="a"), metric=2)) == asdict(replace(theirs(prefix="a"), metric=2))
    assert ours(prefix="a").tags is not ours(prefix="a").tags
    assert hasattr(ours(prefix="a"), "__dict__") == hasattr(theirs(prefix="a"), "__dict__")


@pytest.mark.parametrize("options", OPTIONS)
def test_takes_the_same_arguments(options: dict[str, bool]) -> None:
    for made in _both(options):
        for _ in range(2):  # before and after there is a first value
            with pytest.raises(TypeError, match=r"Route\.__init__\(\) missing 1 required .* 'prefix'"):
                made()
            with pytest.raises(TypeError, match="unexpected keyword argument 'metrics'"):
                made(prefix="a", metrics=1)
            if options["kw_only"]:
                with pytest.raises(TypeError, match="positional"):
                    made("a")
            else:
                assert made("a", 2).metric == 2


@pytest.mark.parametrize("options", OPTIONS)
def test_compares_and_hashes_by_the_same_fields(options: dict[str, bool]) -> None:
    for made in _both(options):
        one, same, other = made(prefix="a"), made(prefix="a", cost=9), made(prefix="b")
        assert (one == same) is options["eq"]
        assert one == one
        assert one != other
        if options["eq"] and not options["frozen"]:
            with pytest.raises(TypeError, match="unhashable"):
                hash(one)
        elif options["eq"]:
            with pytest.raises(TypeError, match="unhashable type: 'list'"):
                hash(one)
            assert hash(replace(one, tags=())) == hash(replace(same, tags=()))
        else:
            assert hash(one) == object.__hash__(one)


@pytest.mark.parametrize("options", OPTIONS)
def test_refuses_assignment_if_frozen(options: dict[str, bool]) -> None:
    for made in _both(options):
        one = made(prefix="a")
        if options["frozen"]:
            with pytest.raises(FrozenInstanceError, match="cannot assign to field 'metric'"):
                one.metric = 8
            with pytest.raises(FrozenInstanceError, match="cannot delete field 'metric'"):
                del one.metric
            assert one.metric == 7
        else:
            one.metric = 8
            assert one.metric == 8


@record
class Reject:
    """An action without fields."""


@record
class Drop:
    """Another."""


def test_values_of_two_classes_differ() -> None:
    assert Reject() == Reject()
    assert hash(Reject()) == hash(Reject())
    assert Reject() != Drop()
    assert repr(Reject()) == "Reject()"


@record(frozen=False)
class Window:
    begun: float
    ends: float = 0.0

    def __post_init__(self) -> None:
        self.ends = self.begun + 1

    def __repr__(self) -> str:
        return "a window"


def test_what_the_class_has_itself_stays() -> None:
    assert repr(Window(2.0)) == "a window"
    assert Window(2.0).ends == 3.0
    assert Window.__doc__ == "Window"


@record(eq=False, slots=False)
class Node:
    labels: tuple[str, ...]

    @cached_property
    def sorted(self) -> list[str]:
        return sorted(self.labels)


def test_remembers_what_is_cached_if_it_has_no_slots() -> None:
    node = Node(("b", "a"))
    assert node.sorted is node.sorted


@record
class Action:
    name: str = "none"


@record
class Prepend(Action):
    count: int = 1


def test_inherits_fields() -> None:
    assert Prepend("prepend", 2) == Prepend(count=2, name="prepend")
    assert repr(Prepend()) == "Prepend(name='none', count=1)"
    assert Prepend() != Action()
    with pytest.raises(FrozenInstanceError):
        Prepend().name = "other"
