"""What other tools make of BMP and MRT: Wireshark and bgpdump."""

import asyncio

import pytest

import rib
from bgpd.events import EventLog
from bgpd.monitoring import TableDump
from bgpd.monitoring.bmp import BmpStation
from bgpd.monitoring.mrt_log import MrtLog
from tests.bgpd.monitoring.played import OLD, PEERS, Played
from tests.bgpd.monitoring.station import Station
from tests.bgpd.speaker.cluster import until
from tests.support.tools import read_by, write_capture
from wire import Family, bmp, parse_prefix

pytestmark = pytest.mark.interop

REST = "0|50|64512:10|NAG||"
"""What bgpdump says at last: LOCAL_PREF, MED, communities, and that nothing is aggregated."""


@pytest.fixture
def played():
    return Played()


def test_bgpdump_reads_the_table(played, tmp_path):
    played.play()
    static = {parse_prefix("10.244.0.0/26")[1]: rib.LocalRoute("blackhole")}
    played.router.set_local(rib.Protocol.STATIC, Family.IPV4_UNICAST, static)
    file = tmp_path / "rib.mrt"
    file.write_bytes(b"".join(TableDump(played.monitor, played.router).pieces()))
    assert sorted(read_by("bgpdump", "-m", file).splitlines()) == sorted(
        [
            "TABLE_DUMP2|1790000000|B|0.0.0.0|0|10.244.0.0/26||IGP|0.0.0.0|0|0||NAG||",
            f"TABLE_DUMP2|1790000000|B|10.0.0.5|23|203.0.113.0/24|23 65010|IGP|10.0.0.5|{REST}",
            f"TABLE_DUMP2|1790000000|B|fd00:10::4|64604|2001:db8:1::/48|64604 65010|IGP|fd00:10::4|{REST}",
            f"TABLE_DUMP2|1790000000|B|fd00:10::4|64604|2001:db8::/32|64604 65010|IGP|fd00:10::4|{REST}",
            "TABLE_DUMP2_AP|1790000000|B|10.0.0.2|4200000602|192.0.2.0/24|0|4200000602 65010|IGP|10.0.0.2|"
            + REST,
            f"TABLE_DUMP2_AP|1790000000|B|10.0.0.3|64603|192.0.2.0/24|7|64603 65010|IGP|10.0.0.3|{REST}",
            f"TABLE_DUMP2_AP|1790000000|B|10.0.0.3|64603|192.0.2.0/24|8|64603 65010|IGP|10.0.0.3|{REST}",
        ]
    )


def test_bgpdump_reads_the_updates(played, tmp_path):
    log = MrtLog()
    played.monitor.add(log)
    played.play()
    file = tmp_path / "updates.mrt"
    file.write_bytes(log.take())
    rows = [line.split("|") for line in read_by("bgpdump", "-m", file).splitlines()]
    assert {row[1] for row in rows} == {"1790000000.005000"}
    assert [(row[0].removeprefix("BGP4MP_ET"), *row[2:7]) for row in rows if row[2] != "STATE"] == [
        ("", "A", "10.0.0.2", "4200000602", "192.0.2.0/24", "4200000602 65010"),
        ("", "A", "10.0.0.2", "4200000602", "198.51.100.0/25", "4200000602 65010"),
        ("_AP", "A", "10.0.0.3", "64603", "192.0.2.0/24", "7"),
        ("_AP", "A", "10.0.0.3", "64603", "192.0.2.0/24", "8"),
        ("", "A", "fd00:10::4", "64604", "2001:db8:1::/48", "64604 65010"),
        ("", "A", "fd00:10::4", "64604", "2001:db8::/32", "64604 65010"),
        ("", "A", "10.0.0.5", "23", "203.0.113.0/24", "23 65010"),
        ("", "W", "10.0.0.2", "4200000602", "198.51.100.0/25"),
    ]
    states = {(row[3], row[4]): row[5:] for row in rows if row[2] == "STATE"}
    assert states == {(address, str(number)): ["5", "6"] for address, (number, _) in PEERS.items()}


async def test_wireshark_reads_what_a_station_is_sent(played, tmp_path):
    stream = await _fed(played)
    capture = tmp_path / "bmp.pcap"
    write_capture(capture, stream, 11019)
    fields = {
        "bmp.type": "4,3,3,0,0,0,0,3,0,3,0,2,5",
        "bmp.peer.asn": "4200000602,64603,4200000602,4200000602,64603,64603,64604,64604,23,23,4200000602",
        "bgp.nlri_prefix": "192.0.2.0,192.0.2.0,203.0.113.0",
        "bgp.nlri_path_id": "7",
        "bgp.mp_reach_nlri_ipv6_prefix": "2001:db8:1::",
        "bmp.peer.down.reason": str(int(bmp.PeerDownReason.REMOTE_NO_NOTIFICATION)),
        "_ws.malformed": "",
        "_ws.expert.message": "",
    }
    wanted = [argument for field in fields for argument in ("-e", field)]
    read = ("tshark", "-r", capture, "-d", "tcp.port==11019,bmp", "-T", "fields", "-E", "occurrence=a")
    assert read_by(*read, "-E", "separator=|", *wanted).strip("\n").split("|") == list(fields.values())


async def _fed(played):
    """Feed a station with sessions from before and after it came; return what it was sent."""
    station = Station()
    await station.open()
    exporter = BmpStation("127.0.0.1", station.port, name="n1", monitor=played.monitor, events=EventLog())
    played.monitor.add(exporter)
    for address in ("10.0.0.2", "10.0.0.3"):
        played.up(address)
    played.announce("10.0.0.2", ["192.0.2.0/24"])
    task = asyncio.create_task(exporter.run())
    await until(lambda: len(station.table()[1]) == 2)
    played.announce("10.0.0.3", ["192.0.2.0/24"], path_id=7)
    for address, prefix in (("fd00:10::4", "2001:db8:1::/48"), (OLD, "203.0.113.0/24")):
        played.up(address)
        played.announce(address, [prefix])
    played.down("10.0.0.2")
    task.cancel()
    await until(lambda: station.messages("termination"))
    await station.close()
    return bytes(station.received)
