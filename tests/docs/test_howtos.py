"""The how-tos: what they say is done on one cluster, page by page, and each leaves it as it was."""

from collections.abc import Iterator
from typing import Any, Final

import pytest
from ruamel.yaml import YAML

from lab.lossless.traffic import Traffic
from lab.lossless.world import pod_end
from lab.process import ROOT
from lab.rack import Rack
from lab.topology import Lab
from tests.docs.shell import Shell, scripts
from tests.support.needs import need_namespaces

HOWTOS: Final = ROOT / "docs" / "howto"
PAGES: Final = (
    "cluster",
    "status",
    "global-peer",
    "node-peer",
    "as-number",
    "route-reflector",
    "disable-mesh",
    "mesh-to-reflectors",
)
"""Reflectors come last: they go on reflecting for a while, which the other pages do not show."""
LOSSLESS: Final = {"as-number", "route-reflector", "disable-mesh", "mesh-to-reflectors"}
"""The pages on which no packet may be lost."""
RATE: Final = 50


@pytest.fixture(scope="module")
def rack() -> Iterator[Rack]:
    need_namespaces()
    with Lab() as lab:
        rack = Rack(lab, "bgpd", 5, peering=False)
        rack.start()
        for one in rack.cluster:
            one.daemon.wait_established(rack.mesh(one))
        yield rack


@pytest.mark.netns
@pytest.mark.parametrize("page", PAGES)
def test_page_can_be_followed_and_leaves_the_cluster_as_it_was(page: str, rack: Rack) -> None:
    script = scripts(HOWTOS / f"{page}.md")
    first = rack.cluster.nodes[0].daemon
    before = resources(rack)
    traffic = Traffic(rack.lab, [pod_end(one) for one in rack.cluster], rate=RATE)
    if page in LOSSLESS:
        traffic.start()
    shell = Shell(rack.lab, first)
    for block in script:
        shell.follow(block)
    for one in rack.cluster:
        one.daemon.wait_established(rack.mesh(one))
    if page in LOSSLESS:
        result = traffic.finish()
        assert result.sent > 0
        assert result.lost == 0, [direction for direction in result.directions if direction.lost]
    assert resources(rack) == before


def resources(rack: Rack) -> dict[str, Any]:
    """Read what is in the datastore."""
    files = rack.cluster.resources.directory.glob("*/*.yaml")
    return {path.name: YAML(typ="safe").load(path) for path in files}
