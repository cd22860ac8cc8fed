"""Other implementations of BGP, each in a namespace of a lab, behind one interface."""

from tests.support.peers.base import Neighbour, Peer, PeerRoute
from tests.support.peers.bird import Bird
from tests.support.peers.frr import Frr
from tests.support.peers.gobgp import GoBgp

__all__ = ["Bird", "Frr", "GoBgp", "Neighbour", "Peer", "PeerRoute"]
