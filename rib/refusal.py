"""Why BGP itself keeps a path from being used, before any policy."""

import enum

__all__ = ["Refusal"]


class Refusal(enum.StrEnum):
    """A check that a path did not pass; the value tells an operator."""

    AS_PATH_LOOP = "AS_PATH loop: our own AS is in it (RFC 4271, section 9.1.2)"
    ORIGINATOR_ID_LOOP = "ORIGINATOR_ID is our own BGP Identifier (RFC 4456, section 8)"
    CLUSTER_LIST_LOOP = "CLUSTER_LIST has our own CLUSTER_ID (RFC 4456, section 8)"
    OWN_NEXT_HOP = "NEXT_HOP is our own address (RFC 4271, section 6.3)"
    ROUTE_LEAK = "a route leak: OTC forbids the way it came (RFC 9234, section 5)"
