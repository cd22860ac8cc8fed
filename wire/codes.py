"""Code points of BGP as the IANA registries name them, each with the RFC that defines it."""

import enum
from typing import Final

AS_TRANS: Final = 23456
"""The AS that stands for a 4-octet AS where only two octets fit (RFC 6793, section 9)."""


class MessageType(enum.IntEnum):
    """BGP Message Types."""

    OPEN = 1  # RFC 4271
    UPDATE = 2  # RFC 4271
    NOTIFICATION = 3  # RFC 4271
    KEEPALIVE = 4  # RFC 4271
    ROUTE_REFRESH = 5  # RFC 2918


class AttributeType(enum.IntEnum):
    """BGP Path Attributes."""

    ORIGIN = 1  # RFC 4271
    AS_PATH = 2  # RFC 4271
    NEXT_HOP = 3  # RFC 4271
    MULTI_EXIT_DISC = 4  # RFC 4271
    LOCAL_PREF = 5  # RFC 4271
    ATOMIC_AGGREGATE = 6  # RFC 4271
    AGGREGATOR = 7  # RFC 4271
    COMMUNITIES = 8  # RFC 1997
    ORIGINATOR_ID = 9  # RFC 4456
    CLUSTER_LIST = 10  # RFC 4456
    MP_REACH_NLRI = 14  # RFC 4760
    MP_UNREACH_NLRI = 15  # RFC 4760
    EXTENDED_COMMUNITIES = 16  # RFC 4360
    AS4_PATH = 17  # RFC 6793
    AS4_AGGREGATOR = 18  # RFC 6793
    LARGE_COMMUNITIES = 32  # RFC 8092
    ONLY_TO_CUSTOMER = 35  # RFC 9234


class AttributeFlag(enum.IntFlag):
    """High-order bits of the Attribute Flags octet (RFC 4271, section 4.3)."""

    OPTIONAL = 0x80
    TRANSITIVE = 0x40
    PARTIAL = 0x20
    EXTENDED_LENGTH = 0x10


class Origin(enum.IntEnum):
    """Values of ORIGIN (RFC 4271, section 5.1.1)."""

    IGP = 0
    EGP = 1
    INCOMPLETE = 2


class SegmentType(enum.IntEnum):
    """AS_PATH Segment Types."""

    AS_SET = 1  # RFC 4271
    AS_SEQUENCE = 2  # RFC 4271
    AS_CONFED_SEQUENCE = 3  # RFC 5065
    AS_CONFED_SET = 4  # RFC 5065


class WellKnownCommunity(enum.IntEnum):
    """BGP Well-known Communities that a speaker acts upon."""

    GRACEFUL_SHUTDOWN = 0xFFFF0000  # RFC 8326
    LLGR_STALE = 0xFFFF0006  # RFC 9494
    NO_LLGR = 0xFFFF0007  # RFC 9494
    BLACKHOLE = 0xFFFF029A  # RFC 7999
    NO_EXPORT = 0xFFFFFF01  # RFC 1997
    NO_ADVERTISE = 0xFFFFFF02  # RFC 1997
    NO_EXPORT_SUBCONFED = 0xFFFFFF03  # RFC 1997


class CapabilityCode(enum.IntEnum):
    """Capability Codes."""

    MULTIPROTOCOL = 1  # RFC 4760
    ROUTE_REFRESH = 2  # RFC 2918
    EXTENDED_NEXT_HOP = 5  # RFC 8950
    EXTENDED_MESSAGE = 6  # RFC 8654
    ROLE = 9  # RFC 9234
    GRACEFUL_RESTART = 64  # RFC 4724
    FOUR_OCTET_AS = 65  # RFC 6793
    ADD_PATH = 69  # RFC 7911
    ENHANCED_ROUTE_REFRESH = 70  # RFC 7313
    LONG_LIVED_GRACEFUL_RESTART = 71  # RFC 9494
    FQDN = 73  # draft-walton-bgp-hostname-capability


class BgpRole(enum.IntEnum):
    """BGP Role Value (RFC 9234, section 4.1)."""

    PROVIDER = 0
    ROUTE_SERVER = 1
    ROUTE_SERVER_CLIENT = 2
    CUSTOMER = 3
    PEER = 4


class ErrorCode(enum.IntEnum):
    """BGP Error (Notification) Codes."""

    MESSAGE_HEADER_ERROR = 1  # RFC 4271
    OPEN_MESSAGE_ERROR = 2  # RFC 4271
    UPDATE_MESSAGE_ERROR = 3  # RFC 4271
    HOLD_TIMER_EXPIRED = 4  # RFC 4271
    FINITE_STATE_MACHINE_ERROR = 5  # RFC 4271
    CEASE = 6  # RFC 4271
    ROUTE_REFRESH_MESSAGE_ERROR = 7  # RFC 7313
    SEND_HOLD_TIMER_EXPIRED = 8  # RFC 9687


class HeaderError(enum.IntEnum):
    """Message Header Error subcodes (RFC 4271, section 6.1)."""

    UNSPECIFIC = 0
    CONNECTION_NOT_SYNCHRONIZED = 1
    BAD_MESSAGE_LENGTH = 2
    BAD_MESSAGE_TYPE = 3


class OpenError(enum.IntEnum):
    """OPEN Message Error subcodes (RFC 4271, section 6.2)."""

    UNSPECIFIC = 0
    UNSUPPORTED_VERSION_NUMBER = 1
    BAD_PEER_AS = 2
    BAD_BGP_IDENTIFIER = 3
    UNSUPPORTED_OPTIONAL_PARAMETER = 4
    UNACCEPTABLE_HOLD_TIME = 6
    UNSUPPORTED_CAPABILITY = 7  # RFC 5492
    ROLE_MISMATCH = 11  # RFC 9234


class UpdateError(enum.IntEnum):
    """UPDATE Message Error subcodes (RFC 4271, section 6.3)."""

    UNSPECIFIC = 0
    MALFORMED_ATTRIBUTE_LIST = 1
    UNRECOGNIZED_WELL_KNOWN_ATTRIBUTE = 2
    MISSING_WELL_KNOWN_ATTRIBUTE = 3
    ATTRIBUTE_FLAGS_ERROR = 4
    ATTRIBUTE_LENGTH_ERROR = 5
    INVALID_ORIGIN_ATTRIBUTE = 6
    INVALID_NEXT_HOP_ATTRIBUTE = 8
    OPTIONAL_ATTRIBUTE_ERROR = 9
    INVALID_NETWORK_FIELD = 10
    MALFORMED_AS_PATH = 11


class FsmError(enum.IntEnum):
    """Finite State Machine Error subcodes (RFC 6608)."""

    UNSPECIFIED = 0
    UNEXPECTED_MESSAGE_IN_OPEN_SENT = 1
    UNEXPECTED_MESSAGE_IN_OPEN_CONFIRM = 2
    UNEXPECTED_MESSAGE_IN_ESTABLISHED = 3


class CeaseError(enum.IntEnum):
    """Cease subcodes (RFC 4486)."""

    UNSPECIFIC = 0
    MAXIMUM_NUMBER_OF_PREFIXES_REACHED = 1
    ADMINISTRATIVE_SHUTDOWN = 2
    PEER_DECONFIGURED = 3
    ADMINISTRATIVE_RESET = 4
    CONNECTION_REJECTED = 5
    OTHER_CONFIGURATION_CHANGE = 6
    CONNECTION_COLLISION_RESOLUTION = 7
    OUT_OF_RESOURCES = 8
    HARD_RESET = 9  # RFC 8538
    BFD_DOWN = 10  # RFC 9384


class RouteRefreshError(enum.IntEnum):
    """ROUTE-REFRESH Message Error subcodes (RFC 7313, section 5)."""

    UNSPECIFIC = 0
    INVALID_MESSAGE_LENGTH = 1
