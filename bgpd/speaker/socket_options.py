"""TCP and IP options of BGP sockets: source address, TTL security, TCP-MD5, traffic class."""

import socket
import struct

from records import record

# linux/tcp.h, linux/in.h and linux/in6.h; the socket module does not name them.
_TCP_MD5SIG = 14
_TCP_MD5SIG_EXT = 32
_TCP_MD5SIG_FLAG_PREFIX = 1
_TCP_MD5SIG_MAXKEYLEN = 80
_IP_MINTTL = 21
_IPV6_MINHOPCOUNT = 73
_IPTOS_PREC_INTERNETCONTROL = 0xC0  # RFC 4271, appendix E: routing traffic goes first
_BACKLOG = 4096  # a reflector's restart brings all clients at once: no SYN may be dropped
_MULTIHOP_TTL = 64
_HIGHEST_TTL = 255


@record(kw_only=True)
class TransportOptions:
    """How one session's TCP connections are to be made."""

    peer_address: str
    peer_port: int
    source_address: str | None
    ttl_security: int | None
    """Number of hops within which the peer must be (RFC 5082); None switches GTSM off."""
    password: str | None
    """TCP-MD5 key (RFC 2385)."""

    def __repr__(self) -> str:
        """Show everything but the password."""
        return f"TransportOptions({self.peer_address}:{self.peer_port} from {self.source_address})"


def family_of(address: str) -> socket.AddressFamily:
    """Address family of a textual IP address."""
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def listening_socket(address: str, port: int) -> socket.socket:
    """Open a listening socket on one address and port.

    Raises:
        OSError: the address cannot be bound; the caller says which and what to do.

    """
    listener = socket.socket(family_of(address), socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        listener.setblocking(False)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if listener.family == socket.AF_INET6:
            # One socket a family, so that an IPv4 peer never shows up as ::ffff:192.0.2.1.
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        _set_traffic_class(listener)
        # The kernel answers a SYN before anything else can be set, and a peer with GTSM wants 255 (RFC 5082).
        _set_ttl(listener, _HIGHEST_TTL)
        listener.bind((address, port))
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def connecting_socket(options: TransportOptions) -> socket.socket:
    """Make the socket of an outgoing connection, bound and with every option set.

    Raises:
        OSError: an option or the source address was refused.

    """
    connection = socket.socket(family_of(options.peer_address), socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        connection.setblocking(False)
        _set_traffic_class(connection)
        if options.password:
            set_md5_key(connection, options.peer_address, options.password)
        prepare_connection(connection, options)
        if options.source_address:
            connection.bind((options.source_address, 0))
    except OSError:
        connection.close()
        raise
    return connection


def prepare_connection(connection: socket.socket, options: TransportOptions) -> None:
    """Set what an outgoing and an accepted connection have in common: no delay and the TTL rules."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    hops = options.ttl_security
    # RFC 5082, section 3: send with 255, accept what lost no more than the configured hops.
    _set_ttl(connection, _HIGHEST_TTL if hops else _MULTIHOP_TTL)
    if connection.family == socket.AF_INET6:
        connection.setsockopt(socket.IPPROTO_IPV6, _IPV6_MINHOPCOUNT, 256 - hops if hops else 0)
    else:
        connection.setsockopt(socket.IPPROTO_IP, _IP_MINTTL, 256 - hops if hops else 0)


def _set_ttl(endpoint: socket.socket, ttl: int) -> None:
    if endpoint.family == socket.AF_INET6:
        endpoint.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, ttl)
    else:
        endpoint.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, ttl)


def set_md5_key(endpoint: socket.socket, peer: str, password: str) -> None:
    """Set (or with an empty password remove) the TCP-MD5 key for an address, or a network (RFC 2385).

    Raises:
        OSError: the kernel refused the key.
        ValueError: the key is longer than the kernel takes.

    """
    key = password.encode()
    if len(key) > _TCP_MD5SIG_MAXKEYLEN:
        raise ValueError(f"TCP-MD5 password has {len(key)} bytes; the kernel takes {_TCP_MD5SIG_MAXKEYLEN}")
    option = _TCP_MD5SIG_EXT if "/" in peer else _TCP_MD5SIG
    endpoint.setsockopt(socket.IPPROTO_TCP, option, _md5_signature(peer, key))


def _md5_signature(peer: str, key: bytes) -> bytes:
    """Pack struct tcp_md5sig: sockaddr_storage, flags, prefix length, key length, interface, key."""
    host, slash, length = peer.partition("/")
    family = family_of(host)
    address = socket.inet_pton(family, host)
    # sockaddr_in: family, port, address; sockaddr_in6 has the flow label between port and address.
    head = struct.pack("=HH", family, 0) + (address if family == socket.AF_INET else bytes(4) + address)
    flags = _TCP_MD5SIG_FLAG_PREFIX if slash else 0
    return head.ljust(128, b"\0") + struct.pack("=BBHi80s", flags, int(length or 0), len(key), 0, key)


def _set_traffic_class(endpoint: socket.socket) -> None:
    if endpoint.family == socket.AF_INET6:
        endpoint.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS, _IPTOS_PREC_INTERNETCONTROL)
    else:
        endpoint.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, _IPTOS_PREC_INTERNETCONTROL)
