"""Pages whose scripts look at a node, or change what is taken back at once: all on one cluster."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from lab.process import ROOT
from lab.rack import Rack
from lab.topology import Lab
from lab.wait import wait_until
from tests.docs.shell import Shell, scripts
from tests.support.etcd import need_etcd
from tests.support.needs import need_namespaces

PAGES: Final = (
    "docs/bmp-mrt.md",
    "docs/local-routes.md",
    "docs/planning.md",
    "docs/watching.md",
    "examples/mesh/README.md",
    "examples/route-reflectors/README.md",
    "examples/top-of-rack/README.md",
)
ETCD: Final = "10.0.0.5"


@pytest.fixture(scope="module")
def rack() -> Iterator[Rack]:
    need_namespaces()
    with Lab() as lab:
        rack = Rack(lab, "bgpd", peering=False)
        rack.start()
        for one in rack.cluster:
            one.daemon.wait_established(rack.mesh(one))
        yield rack


@pytest.mark.netns
@pytest.mark.parametrize("page", PAGES)
def test_scripts_of_a_page_print_what_it_shows(page: str, rack: Rack) -> None:
    script = scripts(ROOT / page)
    shell = Shell(rack.lab, rack.cluster.nodes[0].daemon)
    for block in script:
        shell.follow(block)


@pytest.mark.netns
@pytest.mark.interop
def test_a_cluster_is_moved_into_etcd(rack: Rack, tmp_path: Path) -> None:
    need_etcd()
    start_etcd(rack, tmp_path)
    shell = Shell(rack.lab, rack.cluster.nodes[0].daemon)
    for block in scripts(ROOT / "docs" / "datastores.md"):
        shell.follow(block)


def start_etcd(rack: Rack, directory: Path) -> None:
    """Start an etcd where the page has one, on the network of the nodes."""
    machine = rack.lab.namespace("etcd")
    rack.lab.plug(rack.cluster.fabric, machine, "eth0", f"{ETCD}/24")
    client = f"http://{ETCD}:2379"
    command = ["etcd", "--data-dir", str(directory / "etcd"), "--listen-client-urls", client]
    command += ["--advertise-client-urls", client, "--listen-peer-urls", f"http://{ETCD}:2380"]
    etcd = rack.lab.start(machine, command, name="etcd")
    wait_until(lambda: "ready to serve client requests" in etcd.log.read_text(), "etcd serves")
