"""TCP-MD5 keys from Secrets (calico-reference.md, section 4.7). No key, no session: section 17, Q8."""

from bgpd.intent.context import Context
from bgpd.intent.environment import Compat
from bgpd.intent.peering import Peering
from bgpd.resources import SecretKeyReference

MAX_KEY_OCTETS = 80
"""TCP_MD5SIG_MAXKEYLEN of Linux."""


def read_password(context: Context, peering: Peering, session: str) -> tuple[str | None, str | None]:
    """Return the key and, if a key is asked for and cannot be used, why the session must stay closed."""
    reference = peering.password
    if reference is None:
        return None, None
    key = context.cluster.snapshot.secret(reference.name, reference.key)
    problem = _problem(reference, key)
    if problem is None:
        return key, None
    if context.wants(Compat.OPEN_WITHOUT_PASSWORD):
        context.warn(peering.resource, f"{problem}; the session runs without", "create the Secret", session)
        return None, None
    remedy = f"create Secret {reference.name} with the key {reference.key}, 1 to {MAX_KEY_OCTETS} octets long"
    context.report(peering.resource, f"{problem}; the session stays closed", remedy, session)
    return None, problem


def _problem(reference: SecretKeyReference, key: str | None) -> str | None:
    if not key:
        return f"waiting for the password in Secret {reference.name}, key {reference.key}"
    if len(key.encode()) > MAX_KEY_OCTETS:
        return f"the password in Secret {reference.name}, key {reference.key} is longer than TCP-MD5 allows"
    return None
