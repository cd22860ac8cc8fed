"""`bgpctl explain`: the story of one prefix."""

from collections.abc import Iterator

import click

from bgpd.api.client import escaped
from bgpd.cli.output import Document, as_path_text, output_option, show, structured, watch_option
from bgpd.cli.state import State


@click.command(
    epilog="""\
\b
Examples:
  bgpctl explain 10.1.2.0/26
  bgpctl explain 10.1.2.7               an address means its host prefix
  bgpctl explain fd00:1::/122 -o json
"""
)
@click.argument("prefix")
@output_option("table", "json", "yaml")
@watch_option
@click.pass_obj
def explain(state: State, prefix: str, output: str, watch: bool) -> None:
    """Tell why a prefix is routed as it is.

    Every candidate with the step of the decision process that it lost at, what the policies said, to whom the
    best path is advertised and why not, and what the kernel has.
    """
    with state.daemon() as daemon:

        def render() -> str:
            story = daemon.get(f"/v1/explain/{escaped(prefix)}")
            return "\n".join(tell(story)) if output == "table" else structured(output, story)

        show(render, watch=watch)


def tell(story: Document) -> Iterator[str]:
    """Tell the story in lines."""
    candidates = story["candidates"]
    if not candidates:
        yield f"{story['prefix']}: nobody has a route to it"
        return
    yield f"{story['prefix']}: {_count(len(candidates), 'candidate')}"
    for number, candidate in enumerate(candidates, 1):
        yield ""
        yield from _tell_candidate(number, candidate)
    yield ""
    yield from _tell_advertised(story["advertised"])
    yield ""
    yield from _tell_kernel(story["kernel"])


def _tell_candidate(number: int, candidate: Document) -> Iterator[str]:
    verdict = click.style("best path", fg="green") if candidate["best"] else _lost(candidate)
    yield f"{number}. from {candidate['from']}: {verdict}"
    path = as_path_text(candidate["as_path"]) or "empty"
    facts = [f"next hop {', '.join(candidate['next_hop']) or 'none'}", f"AS path {path}"]
    facts.append(f"origin {candidate['origin']}")
    for label, key in (("local pref", "local_pref"), ("MED", "med"), ("originator", "originator_id")):
        if candidate[key] is not None:
            facts.append(f"{label} {candidate[key]}")
    for label, key in (("cluster list", "cluster_list"), ("communities", "communities")):
        if candidate[key]:
            facts.append(f"{label} {' '.join(candidate[key])}")
    yield f"   {', '.join(facts)}"
    if candidate["stale"]:
        yield "   stale: kept while its peer restarts (RFC 4724)"


def _lost(candidate: Document) -> str:
    if candidate["rejected"]:
        return f"{click.style('rejected', fg='red')} by {candidate['rejected']}"
    clause = f" ({candidate['rfc']})" if candidate["rfc"] else ""
    sharing = ", and shares the traffic" if candidate["multipath"] else ""
    return f"not best: {candidate['reason'] or candidate['step']}{clause}{sharing}"


def _tell_advertised(advertised: list[Document]) -> Iterator[str]:
    sent = sum(item["advertised"] for item in advertised)
    yield f"Advertised to {sent} of {_count(len(advertised), 'peer')}"
    for item in advertised:
        yield f"   {'yes' if item['advertised'] else 'no':<3}  {item['peer']}: {item['reason']}"


def _tell_kernel(kernel: Document) -> Iterator[str]:
    rule = f" (rule: {kernel['rule']})" if kernel["rule"] else ""
    if kernel["error"]:
        yield f"Kernel: {click.style('refused', fg='red')}: {kernel['error']}{rule}"
    elif kernel["installed"] is None:
        yield "Kernel: left alone (bgpd runs with --no-kernel)"
    elif not kernel["wanted"]:
        yield f"Kernel: not installed{rule}"
    else:
        state = "installed" if kernel["installed"] else "not installed yet"
        yield f"Kernel: {state}: {_kernel_route(kernel)}{rule}"


def _kernel_route(kernel: Document) -> str:
    hops = [
        " ".join(
            part
            for part in (
                f"via {hop['gateway']}" if hop["gateway"] else "",
                f"dev {hop['interface']}" if hop["interface"] else "",
                f"weight {hop['weight']}" if hop["weight"] > 1 else "",
            )
            if part
        )
        for hop in kernel["next_hops"]
    ]
    words = [] if kernel["kind"] == "unicast" else [kernel["kind"]]
    return " ".join([*words, *filter(None, hops), f"metric {kernel['metric']}"])


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
