"""bgpd beside BIRD, FRR, OpenBGPD and GoBGP: the same work, the same machine, the same run."""
