"""Resources of projectcalico.org/v3 as documents, and a files datastore to put them into."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

Document = dict[str, Any]

_PLURALS: Final = {
    "BGPConfiguration": "bgpconfigurations",
    "BGPFilter": "bgpfilters",
    "BGPPeer": "bgppeers",
    "BlockAffinity": "blockaffinities",
    "IPPool": "ippools",
    "Node": "nodes",
}


def resource(kind: str, name: str, spec: Document, labels: Mapping[str, str] | None = None) -> Document:
    """Write down a resource; `spec` is in Calico's words."""
    metadata: Document = {"name": name, **({"labels": dict(labels)} if labels else {})}
    return {"apiVersion": "projectcalico.org/v3", "kind": kind, "metadata": metadata, "spec": spec}


def bgp_configuration(**spec: object) -> Document:
    """Write down the cluster's BGPConfiguration."""
    return resource("BGPConfiguration", "default", spec)


def bgp_peer(name: str, **spec: object) -> Document:
    """Write down a BGPPeer."""
    return resource("BGPPeer", name, spec)


def node(name: str, *, labels: Mapping[str, str] | None = None, **bgp: object) -> Document:
    """Write down a Node; `bgp` is its BGP part (ipv4Address, asNumber, routeReflectorClusterID ...)."""
    return resource("Node", name, {"bgp": bgp}, labels)


def ip_pool(name: str, cidr: str, **spec: object) -> Document:
    """Write down an IPPool without encapsulation."""
    return resource("IPPool", name, {"cidr": cidr, "ipipMode": "Never", "vxlanMode": "Never", **spec})


def block_affinity(node_name: str, cidr: str) -> Document:
    """Write down that a block of addresses belongs to a node."""
    name = f"{node_name}-{cidr.translate(str.maketrans('.:/', '---'))}"
    spec = {"state": "confirmed", "node": node_name, "cidr": cidr, "deleted": False}
    return resource("BlockAffinity", name, spec)


class ResourceFiles:
    """A directory of resources, one file each, as bgpctl writes them."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.directory.mkdir(parents=True, exist_ok=True)

    @property
    def url(self) -> str:
        """What `--datastore` takes."""
        return f"file://{self.directory}"

    def put(self, *documents: Document) -> None:
        """Create or replace resources, each atomically: nobody ever reads half a file."""
        for document in documents:
            path = self.path(document["kind"], document["metadata"]["name"])
            path.parent.mkdir(exist_ok=True)
            unfinished = path.with_suffix(".part")
            with unfinished.open("w", encoding="utf-8") as file:
                YAML().dump(document, file)
            unfinished.replace(path)

    def remove(self, kind: str, name: str) -> None:
        """Delete a resource."""
        self.path(kind, name).unlink()

    def clear(self) -> None:
        """Delete every resource."""
        for path in self.directory.glob("*/*.yaml"):
            path.unlink()

    def path(self, kind: str, name: str) -> Path:
        """Say where a resource is kept."""
        return self.directory / _PLURALS[kind] / f"{name}.yaml"
