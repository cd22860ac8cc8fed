"""Options of BGP sockets, on real sockets over loopback."""

import asyncio
import socket

import pytest

from bgpd.speaker.socket_options import (
    TransportOptions,
    connecting_socket,
    listening_socket,
    prepare_connection,
    set_md5_key,
)


def options(address="127.0.0.1", port=0, **changes):
    values = {"source_address": None, "ttl_security": None, "password": None} | changes
    return TransportOptions(peer_address=address, peer_port=port, **values)


def port_of(endpoint):
    return endpoint.getsockname()[1]


async def connect(client, address, port, seconds=5.0):
    await asyncio.wait_for(asyncio.get_running_loop().sock_connect(client, (address, port)), seconds)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
async def test_source_address_is_bound(address):
    client = connecting_socket(options(address, source_address=address))
    with listening_socket(address, 0) as server, client:
        await connect(client, address, port_of(server))
        assert client.getsockname()[0] == address


@pytest.mark.parametrize(("hops", "sent", "least"), [(None, 64, 0), (1, 255, 255), (3, 255, 253)])
def test_ttl_security_sends_255_and_sets_the_least_ttl(hops, sent, least):
    with connecting_socket(options(ttl_security=hops)) as client:
        assert client.getsockopt(socket.IPPROTO_IP, socket.IP_TTL) == sent
        assert client.getsockopt(socket.IPPROTO_IP, 21) == least


async def test_a_peer_beyond_the_allowed_hops_is_not_heard():
    """RFC 5082: the SYN-ACK of a server that sends TTL 64 is dropped by a client that wants 255."""
    with listening_socket("127.0.0.1", 0) as server:
        server.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 64)
        with connecting_socket(options(ttl_security=1)) as client, pytest.raises(TimeoutError):
            await connect(client, "127.0.0.1", port_of(server), seconds=0.5)


async def test_same_md5_key_connects():
    with listening_socket("127.0.0.1", 0) as server:
        set_md5_key(server, "127.0.0.1", "secret")
        with connecting_socket(options(password="secret")) as client:
            await connect(client, "127.0.0.1", port_of(server))


@pytest.mark.parametrize("password", ["other", None])
async def test_wrong_or_missing_md5_key_does_not_connect(password):
    with listening_socket("127.0.0.1", 0) as server:
        set_md5_key(server, "127.0.0.1", "secret")
        with connecting_socket(options(password=password)) as client, pytest.raises(TimeoutError):
            await connect(client, "127.0.0.1", port_of(server), seconds=0.5)


async def test_md5_over_ipv6_and_removing_the_key():
    with listening_socket("::1", 0) as server:
        set_md5_key(server, "::1", "secret")
        with connecting_socket(options("::1", password="secret")) as client:
            await connect(client, "::1", port_of(server))
        set_md5_key(server, "::1", "")
        with connecting_socket(options("::1")) as client:
            await connect(client, "::1", port_of(server))


@pytest.mark.parametrize(("address", "network"), [("127.0.0.1", "127.0.0.0/8"), ("::1", "::/64")])
async def test_md5_key_of_a_network_counts_for_whoever_is_in_it(address, network):
    with listening_socket(address, 0) as server:
        set_md5_key(server, network, "secret")
        with connecting_socket(options(address, password="secret")) as client:
            await connect(client, address, port_of(server))
        with connecting_socket(options(address)) as client, pytest.raises(TimeoutError):
            await connect(client, address, port_of(server), seconds=0.5)


async def test_listener_answers_a_peer_that_wants_ttl_255():
    """RFC 5082: the SYN-ACK is the kernel's, before any option of the accepted connection is set."""
    with listening_socket("127.0.0.1", 0) as server, connecting_socket(options(ttl_security=1)) as client:
        await connect(client, "127.0.0.1", port_of(server))


def test_password_longer_than_the_kernel_takes_is_refused_in_words():
    with listening_socket("127.0.0.1", 0) as server, pytest.raises(ValueError, match="81 bytes"):
        set_md5_key(server, "127.0.0.1", "x" * 81)


def test_options_do_not_show_the_password():
    assert "secret" not in repr(options(password="secret"))


def test_accepted_connections_get_the_ttl_rules():
    near, far = socket.socket(), socket.socket()
    with near, far:
        prepare_connection(near, options(ttl_security=2))
        assert near.getsockopt(socket.IPPROTO_IP, 21) == 254
        assert near.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
