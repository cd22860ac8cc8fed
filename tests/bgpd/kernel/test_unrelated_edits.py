"""From edited resources to a real kernel: what makes no difference to its routes sends it nothing."""

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import closing
from typing import Any

import pytest

from bgpd.intent import Intent
from bgpd.kernel import Kernel
from bgpd.kernel.socket import NetlinkSocket
from bgpd.speaker.tables import Tables
from lab.netns import Namespace
from rib import FibChange
from tests.bgpd.intent.support import block, compiled, configuration, node, peer, pool
from tests.support.needs import need_namespaces
from wire import Family

pytestmark = pytest.mark.netns


class CountingSocket(NetlinkSocket):
    """Counts what all of its kind have sent."""

    sends = 0

    def send(self, data: bytes) -> None:
        CountingSocket.sends += 1
        super().send(data)


class CountingKernel(Kernel):
    """Counts the routes that the RIB stages."""

    staged = 0

    def apply(self, changes: Iterable[FibChange], *, unfinished: bool = False) -> None:
        changes = list(changes)
        self.staged += sum(len(change.prefixes) for change in changes)
        super().apply(changes, unfinished=unfinished)


@pytest.fixture
def namespace() -> Iterator[Namespace]:
    need_namespaces()
    with closing(Namespace("edit-test")) as namespace:
        yield namespace


@pytest.fixture
async def kernel(namespace: Namespace) -> AsyncIterator[CountingKernel]:
    kernel = CountingKernel(open_socket=lambda groups: namespace.run(lambda: CountingSocket(groups)))
    await kernel.start()
    yield kernel
    await kernel.close()


def intent(*more: dict[str, Any], labels: dict[str, str] | None = None) -> Intent:
    """A node with blocks of both families, which are blackhole routes of its kernel."""
    return compiled(
        "n1",
        node("n1", "10.0.0.1/24", labels=labels, ipv6Address="fd00::1/64"),
        *(pool("pods", "10.244.0.0/16"), pool("pods6", "fd00:244::/64")),
        *(block("n1", f"10.244.{n}.0/26") for n in range(20)),
        block("n1", "fd00:244::/122"),
        *more,
    )


async def settle(tables: Tables, kernel: Kernel) -> None:
    await tables.decided.wait()
    await kernel.settled()


async def test_edit_that_makes_no_difference_to_routes_is_no_word_to_the_kernel(
    namespace: Namespace, kernel: CountingKernel
) -> None:
    tables = Tables(fib=kernel, send=lambda *_: None, limit_reached=lambda _: None)
    kernel.subscribe(tables.kernel_changed)
    tables.apply(intent())
    await settle(tables, kernel)
    assert (kernel.staged, kernel.status().installed[Family.IPV4_UNICAST]) == (21, 20)
    before = CountingSocket.sends
    for edited in (
        intent(labels={"rack": "7"}),
        intent(configuration(logSeverityScreen="Debug")),
        intent(peer("tor", peerIP="10.0.0.9", asNumber=64999, annotations={"bgpd.io/passive": "true"})),
    ):
        tables.apply(edited)
        await settle(tables, kernel)
    assert (kernel.staged, CountingSocket.sends) == (21, before)
    tables.apply(intent(block("n1", "10.244.20.0/26")))
    await settle(tables, kernel)
    assert (kernel.staged, CountingSocket.sends) == (22, before + 1)
