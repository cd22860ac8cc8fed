"""Plots as SVG by hand: lines over two logarithmic axes."""

import itertools
import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

_WIDTH: Final = 560
_HEIGHT: Final = 340
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 96, 34, 48

_COLOURS: Final = ("#c2185b", "#1f77b4", "#2e7d32", "#e07b00", "#6a4fa3")

Points = Sequence[tuple[float, float]]


def plot(title: str, x_label: str, y_label: str, lines: Mapping[str, Points]) -> str:
    """Return an SVG document with one line per name, in the order given; all values are positive."""
    drawn = {name: points for name, points in lines.items() if points}
    xs = [x for points in drawn.values() for x, _ in points]
    ys = [y for points in drawn.values() for _, y in points]
    x_axis, y_axis = _Axis(xs, _LEFT, _WIDTH - _RIGHT), _Axis(ys, _HEIGHT - _BOTTOM, _TOP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">',
        f"<title>{escape(title)}</title>",
        '<g font-family="sans-serif" font-size="12">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>',
        _text(_LEFT, 20, title, "start", weight="bold"),
        _text((_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 10, x_label),
        f'<g transform="rotate(-90 14 {_HEIGHT / 2})">{_text(14, _HEIGHT / 2, y_label)}</g>',
    ]
    for tick in x_axis.ticks:
        at = x_axis.at(tick)
        parts += [_rule(at, _TOP, at, _HEIGHT - _BOTTOM), _text(at, _HEIGHT - _BOTTOM + 16, _short(tick))]
    for tick in y_axis.ticks:
        at = y_axis.at(tick)
        parts += [_rule(_LEFT, at, _WIDTH - _RIGHT, at), _text(_LEFT - 6, at + 4, _short(tick), "end")]
    labels = _apart([y_axis.at(points[-1][1]) for points in drawn.values()])
    for colour, label, (name, points) in zip(_COLOURS, labels, drawn.items(), strict=False):
        places = [(x_axis.at(x), y_axis.at(y)) for x, y in points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places]
        parts.append(_text(places[-1][0] + 8, label + 4, name, "start", colour=colour))
    return "\n".join([*parts, "</g></svg>", ""])


class _Axis:
    """A logarithmic axis from pixel to pixel, with its ends at powers of ten."""

    def __init__(self, values: Sequence[float], first: float, last: float) -> None:
        self._low = math.floor(math.log10(min(values)))
        self._high = max(math.ceil(math.log10(max(values))), self._low + 1)
        self._first, self._last = first, last

    @property
    def ticks(self) -> list[float]:
        """Powers of ten."""
        return [10.0**power for power in range(self._low, self._high + 1)]

    def at(self, value: float) -> float:
        """Return the pixel of a value."""
        share = (math.log10(value) - self._low) / (self._high - self._low)
        return self._first + share * (self._last - self._first)


def _apart(places: Sequence[float]) -> list[float]:
    """Move labels so that none covers another, keeping their order."""
    moved = list(places)
    order = sorted(range(len(places)), key=places.__getitem__)
    for above, below in itertools.pairwise(order):
        moved[below] = max(moved[below], moved[above] + 14)
    return moved


def _text(
    x: float, y: float, text: str, anchor: str = "middle", *, colour: str = "#333", weight: str = "normal"
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" font-weight="{weight}">'
        f"{escape(text)}</text>"
    )


def _rule(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#ddd"/>'


def _short(value: float) -> str:
    for size, unit in ((1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{unit}"
    return f"{value:g}"
