"""BIRD's control dialogue, for programs that know it and not our API: calicoctl, probes, birdc, exporters."""

from bgpd.api.bird.sockets import BirdSockets

__all__ = ["BirdSockets"]
