"""docs/getting-started.md, step by step: its scripts are run on nodes that know of nothing."""

import pytest

from lab.process import ROOT
from lab.rack import Rack, bgp_prefixes
from lab.topology import Lab
from lab.tor import TOR_NETWORK
from lab.wait import wait_for_each, wait_until
from tests.docs.blocks import blocks
from tests.docs.shell import Shell
from tests.support.needs import need_namespaces

PAGE = ROOT / "docs" / "getting-started.md"


@pytest.mark.netns
def test_the_steps_lead_to_a_cluster() -> None:
    need_namespaces()
    with Lab() as lab:
        rack = Rack(lab, "bgpd")
        rack.cluster.resources.clear()
        rack.start()
        first = rack.cluster.nodes[0].daemon
        wait_until(first.problems, "the daemon says that it waits")
        shell = Shell(lab, first)
        printed = "".join(shell.follow(block) for block in blocks(PAGE) if block.is_run)
        assert "there is no Node resource 'n1'" in printed
        prefixes = {TOR_NETWORK, *(one.block for one in rack.cluster)}
        wait_for_each(rack.cluster, lambda one: prefixes <= bgp_prefixes(one.namespace), "every route")
