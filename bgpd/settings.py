"""What the command line and the environment say: one table of options, one frozen value."""

import argparse
import os
import socket
from collections.abc import Mapping, Sequence

from bgpd import __version__
from records import record

LOG_FORMATS = ("text", "json")
LOG_LEVELS = ("debug", "info", "warning", "error")

_EPILOG = """\
examples:
  bgpd --check                                  validate the options and resources, print what would run
  bgpd --node n1 --datastore file:///etc/bgpd/resources
  bgpd --no-kernel --metrics 127.0.0.1:9180     a route server or reflector that forwards nothing itself

Every option has an environment variable, named in brackets; the command line wins.
Exit status: 0 clean, 2 usage or configuration error.
"""


@record(kw_only=True)
class Settings:
    """The daemon's own settings; everything else comes from the datastore."""

    node: str
    datastore: str | None
    socket: str
    metrics: str
    bird_socket: str
    kernel: bool
    log_level: str | None
    """Least severity logged; None: as logSeverityScreen of the BGPConfiguration says."""
    log_format: str
    check: bool
    withdraw_on_exit: bool
    adopt_protocol: int | None
    bmp_collectors: tuple[tuple[str, int], ...] = ()
    """(host, port) of each BMP station."""
    mrt_directory: str = ""
    """Where MRT files go; empty: nowhere."""
    mrt_interval: int = 3600
    """Seconds between dumps of the table, and of one file of updates."""
    mrt_keep: int = 24
    """How many files of either kind."""

    @property
    def metrics_address(self) -> tuple[str, int] | None:
        """(host, port) of the metrics site, or None when it is switched off with an empty value."""
        if not self.metrics:
            return None
        return _host_port(self.metrics)


def parse_settings(arguments: Sequence[str] | None, environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the command line over the environment.

    Raises:
        SystemExit: with status 2 and a message that names the option, on a usage error.

    """
    parser = _parser(environment)
    values = parser.parse_args(arguments)
    if values.metrics and not _is_host_port(values.metrics):
        parser.error(f"--metrics {values.metrics}: expected HOST:PORT, for example 127.0.0.1:9179")
    collectors = values.bmp_collector or list(
        filter(None, environment.get("BGPD_BMP_COLLECTOR", "").split(","))
    )
    for collector in collectors:
        if not _is_host_port(collector):
            parser.error(f"--bmp-collector {collector}: expected HOST:PORT, for example 10.0.0.9:11019")
    for option, value, choices in (
        ("--log-level", values.log_level, LOG_LEVELS),
        ("--log-format", values.log_format, LOG_FORMATS),
    ):
        if value not in {None, *choices}:  # argparse does not judge what comes from the environment
            parser.error(f"{option} {value}: choose one of {', '.join(choices)}")
    return Settings(
        node=values.node,
        datastore=values.datastore,
        socket=values.socket,
        metrics=values.metrics,
        bird_socket=values.bird_socket,
        kernel=not values.no_kernel,
        log_level=values.log_level,
        log_format=values.log_format,
        check=values.check,
        withdraw_on_exit=values.withdraw_on_exit,
        adopt_protocol=values.adopt_protocol,
        bmp_collectors=tuple(map(_host_port, collectors)),
        mrt_directory=values.mrt_directory,
        mrt_interval=values.mrt_interval,
        mrt_keep=values.mrt_keep,
    )


def _is_host_port(text: str) -> bool:
    host, separator, port = text.rpartition(":")
    return bool(separator and host) and port.isdigit() and int(port) <= 65535


def _host_port(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host.strip("[]") or "127.0.0.1", int(port)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("expected a number above 0")
    return number


def _truth(text: str | None) -> bool:
    return (text or "").lower() in {"1", "true", "yes", "on"}


def _protocol_number(text: str) -> int:
    number = int(text)
    if not 4 < number < 256:
        raise argparse.ArgumentTypeError("a routing protocol number is between 5 and 255 (BIRD uses 12)")
    return number


def _parser(environment: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bgpd",
        description="The node's virtual router: computes BGP sessions from the cluster's resources, "
        "speaks BGP and keeps the kernel's routes in step.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    node = environment.get("BGPD_NODE") or environment.get("NODENAME") or socket.gethostname()
    level = environment.get("BGPD_LOG_LEVEL", "").lower() or None
    add("--node", metavar="NAME", default=node, help="this node's name [BGPD_NODE, NODENAME; %(default)s]")
    add(
        "--datastore",
        metavar="URL",
        default=environment.get("BGPD_DATASTORE"),
        help="where resources are kept: file:///DIR, etcd://HOST:PORT[,...], etcds://... or "
        "kubernetes://[CONTEXT] [BGPD_DATASTORE, DATASTORE_TYPE; file:///etc/bgpd/resources]",
    )
    add(
        "--socket",
        metavar="PATH",
        default=environment.get("BGPD_SOCKET", "/run/bgpd/bgpd.sock"),
        help="Unix socket of the API that bgpctl uses [BGPD_SOCKET; %(default)s]",
    )
    add(
        "--metrics",
        metavar="HOST:PORT",
        default=environment.get("BGPD_METRICS", "127.0.0.1:9179"),
        help="address of the web page, /metrics, /healthz and /readyz, empty for none "
        "[BGPD_METRICS; %(default)s]",
    )
    add(
        "--bird-socket",
        metavar="DIR",
        default=environment.get("BGPD_BIRD_SOCKET", ""),
        help="answer as BIRD does on DIR/bird.ctl and DIR/bird6.ctl, for calicoctl and its like; "
        "/var/run/calico is where they look [BGPD_BIRD_SOCKET; off]",
    )
    add(
        "--no-kernel",
        action="store_true",
        default=_truth(environment.get("BGPD_NO_KERNEL")),
        help="do not read or write kernel routes [BGPD_NO_KERNEL]",
    )
    add(
        "--withdraw-on-exit",
        action="store_true",
        default=_truth(environment.get("BGPD_WITHDRAW_ON_EXIT")),
        help="on a clean stop tell peers goodbye and remove the kernel routes; otherwise they stay, so that "
        "packets flow while bgpd restarts [BGPD_WITHDRAW_ON_EXIT]",
    )
    add(
        "--adopt-protocol",
        metavar="N",
        type=_protocol_number,
        default=environment.get("BGPD_ADOPT_PROTOCOL"),
        help="take over the kernel routes of another routing daemon, 12 for BIRD [BGPD_ADOPT_PROTOCOL]",
    )
    add(
        "--bmp-collector",
        metavar="HOST:PORT",
        action="append",
        help="show this BMP station what peers send (RFC 7854); may be repeated [BGPD_BMP_COLLECTOR, with "
        "commas; none]",
    )
    add(
        "--mrt-directory",
        metavar="DIR",
        default=environment.get("BGPD_MRT_DIRECTORY", ""),
        help="keep MRT files (RFC 6396) of what peers send, and dumps of the table [BGPD_MRT_DIRECTORY; off]",
    )
    add(
        "--mrt-interval",
        metavar="SECONDS",
        type=_positive,
        default=environment.get("BGPD_MRT_INTERVAL", "3600"),
        help="begin a new file, and dump the table, so often [BGPD_MRT_INTERVAL; %(default)s]",
    )
    add(
        "--mrt-keep",
        metavar="N",
        type=_positive,
        default=environment.get("BGPD_MRT_KEEP", "24"),
        help="files of either kind that are kept [BGPD_MRT_KEEP; %(default)s]",
    )
    add(
        "--log-level",
        choices=LOG_LEVELS,
        default=level,
        help="least severity logged [BGPD_LOG_LEVEL; logSeverityScreen of the BGPConfiguration]",
    )
    add(
        "--log-format",
        choices=LOG_FORMATS,
        default=environment.get("BGPD_LOG_FORMAT", "text"),
        help="one line of text or one JSON object per event [BGPD_LOG_FORMAT; %(default)s]",
    )
    add("--check", action="store_true", help="validate options and resources, print what would run, exit")
    add("--version", action="version", version=f"bgpd {__version__}")
    return parser
