"""BFD among our own nodes: on and off while sessions run, over a restart, and when a cable is pulled."""

import time

import pytest

from lab.cluster import Cluster
from lab.lossless.traffic import Traffic
from lab.lossless.world import pod_end
from lab.resources import bgp_configuration
from lab.topology import Lab, set_link
from lab.wait import wait_until
from tests.lab.conftest import established_since, wait_for_mesh

pytestmark = pytest.mark.netns


@pytest.fixture(scope="module")
def pair(lab: Lab) -> Cluster:
    cluster = Cluster(lab, 2)
    cluster.start()
    wait_for_mesh(cluster)
    return cluster


def switch(cluster: Cluster, *, on: bool, timing: str = "100ms x3") -> None:
    configuration = bgp_configuration(asNumber=64512)
    configuration["metadata"]["annotations"] = {"bgpd.io/bfd": timing} if on else {}
    cluster.resources.put(configuration)


def states(cluster: Cluster) -> list[str | None]:
    """The state of BFD of every session, as the nodes tell it."""
    return [peer["bfd"] for one in cluster for peer in one.daemon.peers().values()]


def bfd_events(cluster: Cluster) -> list[list[str]]:
    said = [one.daemon.bgpctl("events").stdout.splitlines() for one in cluster]
    return [[line for line in lines if "BFD session" in line] for lines in said]


def test_bfd_comes_and_goes_without_a_reset(pair: Cluster) -> None:
    before = [established_since(one) for one in pair]
    switch(pair, on=True)
    wait_until(lambda: states(pair) == ["Up"] * 4, "BFD is up between all addresses")
    told = bfd_events(pair)
    switch(pair, on=True, timing="200ms x4")
    time.sleep(1)  # as long as it takes to find out, and longer than a session needs to come back
    assert states(pair) == ["Up"] * 4
    assert bfd_events(pair) == told
    switch(pair, on=False)
    wait_until(lambda: states(pair) == [None] * 4, "nobody is watched any more")
    time.sleep(1)
    assert [established_since(one) for one in pair] == before


def test_a_restart_with_bfd_loses_no_packet(pair: Cluster) -> None:
    switch(pair, on=True)
    wait_until(lambda: states(pair) == ["Up"] * 4, "BFD is up between all addresses")
    traffic = Traffic(pair.lab, [pod_end(one) for one in pair], rate=100)
    traffic.start()
    first, second = pair
    second.daemon.process.kill()
    time.sleep(1)  # the silence is noticed, and taken for what it is: a restart (RFC 5882, section 4.3.2)
    second.daemon.start()
    wait_for_mesh(pair)
    second.daemon.process.stop()
    second.daemon.start()
    wait_for_mesh(pair)
    assert traffic.finish().lost == 0
    assert first.daemon.established()


def test_a_pulled_cable_is_noticed_in_half_a_second(pair: Cluster) -> None:
    wait_until(lambda: states(pair) == ["Up"] * 4, "BFD is up between all addresses")
    first, second = pair
    set_link(pair.fabric, f"to-{second}", up=False)
    cut = time.monotonic()
    wait_until(lambda: not first.daemon.established(), "the sessions end", seconds=5, interval=0.01)
    assert time.monotonic() - cut < 1.0  # half a second, and as much for the question
    set_link(pair.fabric, f"to-{second}", up=True)
    for one in pair:
        one.daemon.wait_established(one.mesh_names(*pair.others(one)), seconds=40)
