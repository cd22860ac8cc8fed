import pytest

from bgpd.kernel.model import Hop, KernelRoute
from tests.bgpd.kernel.netlink_world import address

A, B, C = (Hop(address(n), n) for n in (1, 2, 3))


def unicast(*hops: Hop, **fields: object) -> KernelRoute:
    return KernelRoute(**({"kind": "unicast", "metric": 0, "protocol": 186, "hops": hops} | fields))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wanted", "found", "fits"),
    [
        (unicast(A), unicast(Hop(address(1), 1)), True),
        (unicast(Hop(address(1), 0)), unicast(A), True),
        (unicast(A), unicast(Hop(address(1), 0)), False),
        (unicast(A, B), unicast(B, A), True),
        (unicast(A, B), unicast(A), False),
        (unicast(A, A), unicast(A, B), False),
        (unicast(A), unicast(Hop(address(1), 1, onlink=True)), False),
        (unicast(Hop(address(1), 1, 2), B), unicast(A, B), False),
        (unicast(A), unicast(A, metric=1), False),
        (unicast(A), unicast(A, protocol=12), False),
        (unicast(A), unicast(A, source=address(9)), False),
        (unicast(), unicast(kind="blackhole"), False),
    ],
)
def test_fits(wanted: KernelRoute, found: KernelRoute, fits: bool) -> None:
    assert wanted.fits(found) is fits


def test_without_one_hop_and_without_all() -> None:
    assert unicast(A, B, C).without(unicast(B)) == unicast(A, C)
    assert unicast(A, B).without(unicast(A, B)) is None
    assert unicast(A).without(unicast(C)) is None
    assert unicast().without(unicast()) is None


def test_a_lone_hop_left_has_no_weight() -> None:
    assert unicast(Hop(address(1), 1, 3), B).without(unicast(B)) == unicast(A)
