"""`bgpd --check`: say what is wrong with the resources and what would run, and start nothing."""

import os
import sys

from bgpd.datastore import Datastore
from bgpd.intent import Intent, compile_intent
from bgpd.settings import Settings


async def check(settings: Settings, datastore: Datastore) -> int:
    """Print faults and the sessions that would exist; gives 0, or 2 when something is faulty."""
    snapshot = await datastore.snapshot()
    await datastore.close()
    intent = compile_intent(snapshot, settings.node, os.environ)
    faults = [str(fault) for fault in snapshot.faults]
    problems = [f"{problem.resource}: {problem.message}; {problem.remedy}" for problem in intent.problems]
    severities = [fault.severity for fault in snapshot.faults] + [p.severity for p in intent.problems]
    faulty = "error" in severities
    for text in [*faults, *problems]:
        sys.stderr.write(f"{text}\n")
    for line in _summary(intent):
        sys.stdout.write(f"{line}\n")
    return 2 if faulty or not intent.ready else 0


def _summary(intent: Intent) -> list[str]:
    if not intent.ready:
        return [f"node {intent.node}: {intent.reason}"]
    router_id = ".".join(str(octet) for octet in intent.router_id)
    head = f"node {intent.node}: AS {intent.local_as}, router id {router_id}, {len(intent.sessions)} sessions"
    return [head] + [
        f"  {session.name} ({session.type.value}, {session.resource}): {session.peer_ip} "
        f"port {session.peer_port}, AS {session.peer_as}"
        for session in intent.sessions
    ]
