"""What the `bgpd.io/` annotations accept and do, beyond what their own table says."""

from dataclasses import dataclass
from typing import Final

EXTENSIONS_INTRODUCTION: Final = """\
# Extensions to Calico's API

<!-- Made by `make reference` from bgpd/resources/annotations.py and docs/generators/extension_notes.py. -->

What Calico's kinds have no field for stands in annotations beginning with `bgpd.io/`, so that every resource
stays one that Calico's own tools accept. On a BGPPeer they are for its sessions, also those of the other end;
on the BGPConfiguration `default` for the mesh. A wrong value is refused; an unknown annotation, or one on a
kind that it has no meaning for, is a warning. The column "a change" has the words of
[Resources](resources.md#what-a-change-does).
"""


@dataclass(frozen=True, slots=True)
class Extension:
    """Values in words, what else it does, and the test that shows it (below tests/bgpd)."""

    values: str
    effect: str
    test: str


_LIVE: Final = "speaker/test_live_fields.py::"
_EACH: Final = "intent/test_annotations.py::test_each_annotation"

EXTENSIONS: Final[dict[str, Extension]] = {
    "bgpd.io/passive": Extension(
        '`"true"`, `"false"`',
        "For the side that has the resource; the other one connects.",
        f"{_LIVE}test_peer[passive]",
    ),
    "bgpd.io/hold-time": Extension(
        '`"9s"`: 3 to 65535 s, or `"0s"` for no keepalives',
        "Without it 240 s; the lower of both ends counts.",
        f"{_LIVE}test_what_only_a_new_session_can_have_resets_this_one[hold-time]",
    ),
    "bgpd.io/bfd": Extension(
        '`"true"` (300 ms, three times), `"300ms x3"`, `"false"`',
        "Interval 10 ms to 60 s, multiplier 1 to 255.",
        _EACH,
    ),
    "bgpd.io/max-prefixes": Extension(
        '`"1000"`, `"1000,warn"`, `"1000,restart=5m"`',
        "Beyond it the session ends until an operator starts it, or after that time; or there is a warning.",
        "speaker/test_speaker.py::test_too_many_prefixes_do_what_the_annotation_says",
    ),
    "bgpd.io/listen-range": Extension(
        '`"10.9.0.0/16"`',
        "In place of `peerIP`; `asNumber` may be left out, then any AS is welcome.",
        "speaker/test_dynamic.py::test_whoever_comes_from_the_range_gets_a_session_and_routes_flow_both_ways",
    ),
    "bgpd.io/families": Extension(
        '`"ipv4-unicast,ipv6-unicast"`, or one of them',
        "Two nodes that both have IPv4 then share one session.",
        "intent/test_annotations.py::test_with_both_families_two_nodes_have_one_session",
    ),
    "bgpd.io/add-paths": Extension(
        '`"true"`, `"send"`, `"receive"`, `"false"`',
        "Without it both directions are offered.",
        f"{_LIVE}test_what_only_a_new_session_can_have_resets_this_one[add-paths]",
    ),
    "bgpd.io/graceful-shutdown": Extension(
        '`"true"`, `"false"`',
        "On a Node: on all its sessions, as `bgpctl drain` does.",
        f"{_LIVE}test_node[graceful-shutdown]",
    ),
    "bgpd.io/role": Extension(
        '`"provider"`, `"customer"`, `"peer"`, `"route-server"`, `"route-server-client"`; `,strict`',
        "The other end of the same BGPPeer has the opposite role. Strict: a peer that tells none is refused.",
        "intent/test_annotations.py::test_the_other_end_of_a_peering_has_the_opposite_role",
    ),
}
