"""Netlink: interfaces, addresses and learned routes in; the Loc-RIB's routes out."""
