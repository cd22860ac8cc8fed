"""Values with named fields: `dataclass` without the price of its classes, a fifth of the daemon's start.

`dataclass` writes the text of every method of every class and has it compiled: six of them, most of a
millisecond, for a frozen class. Here one is left, that of `__init__`; the others need no text. `fields`,
`replace` and `asdict` of `dataclasses` take a record as they take any dataclass.
"""

from collections.abc import Callable, Iterator
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from operator import attrgetter
from typing import Any, NoReturn, TypeVar, dataclass_transform, overload

__all__ = ["field", "record"]

T = TypeVar("T")
Method = Callable[..., Any]


@overload
def record(cls: type[T], /) -> type[T]: ...
@overload
def record(
    *, frozen: bool = True, eq: bool = True, kw_only: bool = False, slots: bool = True
) -> Callable[[type[T]], type[T]]: ...
@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(
    cls: type[T] | None = None,
    /,
    *,
    frozen: bool = True,
    eq: bool = True,
    kw_only: bool = False,
    slots: bool = True,
) -> type[T] | Callable[[type[T]], type[T]]:
    """Make a class a value: frozen, slotted, compared and hashed by its fields, unless told otherwise.

    The options mean what they mean to `dataclass`, and a method that the class has of its own stays.
    """

    def make(plain: type[T]) -> type[T]:
        plain.__doc__ = plain.__doc__ or plain.__name__  # else dataclass makes one up, for as much again
        made = dataclass(init=False, repr=False, eq=False, kw_only=kw_only, slots=slots)(plain)
        for name, method in _methods(made, frozen=frozen, eq=eq, slots=slots):
            if name not in vars(made):
                setattr(made, name, method)
        return made

    return make if cls is None else make(cls)


def _methods(cls: type[Any], *, frozen: bool, eq: bool, slots: bool) -> Iterator[tuple[str, Method | None]]:
    yield "__init__", _init(cls, _filling(frozen=frozen, slots=slots))
    yield "__repr__", _repr
    if eq:
        values = attrgetter(*[each.name for each in fields(cls) if each.compare] or ["__class__"])
        yield "__eq__", _eq(values)
        yield "__hash__", _hash(values) if frozen else None
    if frozen:
        yield "__setattr__", _refuse_to_set
        yield "__delattr__", _refuse_to_delete


def _filling(*, frozen: bool, slots: bool) -> str:
    """Give the statement that fills a field. A slot's own `__set__` is quicker than `object.__setattr__`."""
    if not frozen:
        return "self.{name} = {value}"
    return "set_{name}(self, {value})" if slots else "vars(self)['{name}'] = {value}"


def _init(cls: type[Any], filling: str) -> Method:
    """Give an `__init__` that is compiled with the first value: most processes make none of many classes."""

    def __init__(self: object, *values: object, **named: object) -> None:  # noqa: N807 - is one
        cls.__init__ = _compiled(cls, filling)
        cls.__init__(self, *values, **named)

    return __init__


def _compiled(cls: type[Any], filling: str) -> Method:
    names: dict[str, Any] = {}
    parameters, statements = ["self"], ["pass"]
    for each in fields(cls):
        if each.kw_only and "*" not in parameters:
            parameters.append("*")
        parameter, value = _parameter(each, names)
        parameters.append(parameter)
        statements.append(filling.format(name=each.name, value=value))
        names[f"set_{each.name}"] = getattr(getattr(cls, each.name, None), "__set__", None)
    if hasattr(cls, "__post_init__"):
        statements.append("self.__post_init__()")
    exec(f"def __init__({', '.join(parameters)}): {'; '.join(statements)}", names)  # noqa: S102 - our own text
    init: Method = names["__init__"]
    init.__qualname__ = f"{cls.__qualname__}.__init__"  # for the message when an argument is missing
    return init


def _parameter(each: Field[Any], names: dict[str, Any]) -> tuple[str, str]:
    """Give the text of a field's parameter and that of its value; what they refer to goes into names."""
    name, default = each.name, f"default_{each.name}"
    if each.default_factory is not MISSING:
        names[default] = each.default_factory
        return f"{name}={default}", f"{default}() if {name} is {default} else {name}"
    if each.default is not MISSING:
        names[default] = each.default
        return f"{name}={default}", name
    return name, name


def _repr(self: Any) -> str:
    shown = ", ".join(f"{each.name}={getattr(self, each.name)!r}" for each in fields(self) if each.repr)
    return f"{type(self).__qualname__}({shown})"


def _eq(values: Callable[[object], object]) -> Method:
    def __eq__(self: object, other: object) -> Any:  # noqa: N807 - is one
        return values(self) == values(other) if type(self) is type(other) else NotImplemented

    return __eq__


def _hash(values: Callable[[object], object]) -> Method:
    def __hash__(self: object) -> int:  # noqa: N807 - is one
        return hash(values(self))

    return __hash__


def _refuse_to_set(_self: object, name: str, _value: object) -> NoReturn:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(_self: object, name: str) -> NoReturn:
    raise FrozenInstanceError(f"cannot delete field {name!r}")
