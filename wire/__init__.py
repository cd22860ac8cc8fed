"""BGP messages to and from bytes: pure functions and frozen values; no I/O, no clock, no state."""

from wire.address import format_address, parse_address
from wire.attributes.as_path import join_segments as join_as_path
from wire.attributes.as_path import prepend as prepend_as_path
from wire.attributes.encode import encode_attributes
from wire.attributes.usual import decode_usual, forward_usual, rank_usual
from wire.attributes.value import PathAttributes
from wire.bulk import Bulk
from wire.capabilities import (
    AddPath,
    Capability,
    EnhancedRouteRefresh,
    ExtendedMessage,
    ExtendedNextHop,
    FourOctetAs,
    Fqdn,
    GracefulRestart,
    LongLivedGracefulRestart,
    Multiprotocol,
    Role,
    RouteRefreshCapability,
    UnknownCapability,
)
from wire.codec import Codec
from wire.codes import (
    AS_TRANS,
    AttributeType,
    BgpRole,
    CapabilityCode,
    CeaseError,
    ErrorCode,
    FsmError,
    HeaderError,
    MessageType,
    OpenError,
    Origin,
    RouteRefreshError,
    SegmentType,
    UpdateError,
    WellKnownCommunity,
)
from wire.family import AnyFamily, Family, ForeignFamily, family_of
from wire.faults import AttributeFault, Verdict
from wire.framing import Frame, Framer
from wire.header import EXTENDED_MAXIMUM_LENGTH, MAXIMUM_LENGTH
from wire.keepalive import encode_keepalive
from wire.notification import Notification, NotificationError, decode_notification, describe_error
from wire.open import Open, decode_open, encode_open
from wire.packing import encode_end_of_rib, pack_announcements, pack_bulk, pack_withdrawals
from wire.prefix import Prefix, format_prefix, make_prefix, parse_prefix
from wire.route_refresh import RefreshKind, RouteRefresh, decode_route_refresh
from wire.update import Announcement, Update, Withdrawal

__all__ = [
    "AS_TRANS",
    "EXTENDED_MAXIMUM_LENGTH",
    "MAXIMUM_LENGTH",
    "AddPath",
    "Announcement",
    "AnyFamily",
    "AttributeFault",
    "AttributeType",
    "BgpRole",
    "Bulk",
    "Capability",
    "CapabilityCode",
    "CeaseError",
    "Codec",
    "EnhancedRouteRefresh",
    "ErrorCode",
    "ExtendedMessage",
    "ExtendedNextHop",
    "Family",
    "ForeignFamily",
    "FourOctetAs",
    "Fqdn",
    "Frame",
    "Framer",
    "FsmError",
    "GracefulRestart",
    "HeaderError",
    "LongLivedGracefulRestart",
    "MessageType",
    "Multiprotocol",
    "Notification",
    "NotificationError",
    "Open",
    "OpenError",
    "Origin",
    "PathAttributes",
    "Prefix",
    "RefreshKind",
    "Role",
    "RouteRefresh",
    "RouteRefreshCapability",
    "RouteRefreshError",
    "SegmentType",
    "UnknownCapability",
    "Update",
    "UpdateError",
    "Verdict",
    "WellKnownCommunity",
    "Withdrawal",
    "decode_notification",
    "decode_open",
    "decode_route_refresh",
    "decode_usual",
    "describe_error",
    "encode_attributes",
    "encode_end_of_rib",
    "encode_keepalive",
    "encode_open",
    "family_of",
    "format_address",
    "format_prefix",
    "forward_usual",
    "join_as_path",
    "make_prefix",
    "pack_announcements",
    "pack_bulk",
    "pack_withdrawals",
    "parse_address",
    "parse_prefix",
    "prepend_as_path",
    "rank_usual",
]
