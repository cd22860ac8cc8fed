"""The last snapshot in the state directory, for a start while the datastore is down. Blocking, no threads."""

import hashlib
import json
import logging
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from bgpd.datastore.writer import write_atomically
from bgpd.resources import Resource, ResourceError, Secret, Snapshot, parse_resource

_LOG = logging.getLogger(__name__)
_DEFAULT_DIRECTORY = "/var/lib/bgpd"
_OWNER_ONLY = 0o600


def state_directory(environment: Mapping[str, str]) -> Path:
    """Return where state is kept: BGPD_STATE_DIRECTORY, what systemd says, or /var/lib/bgpd."""
    given = (
        environment.get("BGPD_STATE_DIRECTORY") or environment.get("STATE_DIRECTORY", "").partition(":")[0]
    )
    return Path(given or _DEFAULT_DIRECTORY)


class StateCache:
    """One file per datastore and node: a JSON document per line, the head first; readable by its owner alone.

    It may be old or gone at any time, so nothing here raises for the state of the disk.
    """

    def __init__(self, directory: Path, url: str, node: str) -> None:
        name = hashlib.sha256(f"{url} {node}".encode()).hexdigest()[:16]
        self.path = directory / f"snapshot-{name}.jsonl"
        self._url = url
        self._complained = False

    def save(self, snapshot: Snapshot) -> None:
        """Keep a snapshot in place of the one before."""
        lines = [json.dumps({"datastore": self._url}), *_lines(snapshot)]
        try:
            write_atomically(self.path, "\n".join(lines) + "\n", _OWNER_ONLY)
        except OSError as error:
            if not self._complained:
                _LOG.warning(
                    "%s: the snapshot cannot be kept for the next start: %s", self.path, error.strerror
                )
            self._complained = True

    def touch(self) -> None:
        """Note that the snapshot kept is current now."""
        try:
            os.utime(self.path)
        except OSError:
            return

    def load(self) -> tuple[Snapshot, float] | None:
        """Return the snapshot kept and when it was last known to be current; None where there is none."""
        try:
            head, *lines = self.path.read_text(encoding="utf-8").splitlines()
            if json.loads(head) != {"datastore": self._url}:
                return None
            return _snapshot(lines), self.path.stat().st_mtime
        except (OSError, ValueError) as error:
            if not isinstance(error, FileNotFoundError):
                _LOG.warning("%s: no use as a snapshot: %s", self.path, error)
            return None


def _lines(snapshot: Snapshot) -> Iterator[str]:
    for table in snapshot.resources.values():
        for resource in table.values():
            yield json.dumps(resource.document())


def _snapshot(lines: list[str]) -> Snapshot:
    """Read the documents; one that a newer bgpd no longer takes is left out."""
    tables: dict[str, dict[str, Resource]] = {}
    secrets: dict[str, dict[str, str]] = {}
    for line in lines:
        try:
            resource = parse_resource(json.loads(line))
        except ResourceError as error:
            _LOG.warning("left out of the snapshot kept: %s", error)
            continue
        tables.setdefault(resource.kind, {})[resource.key] = resource
        if isinstance(resource, Secret):
            secrets.setdefault(resource.name, {}).update(resource.values())
    return Snapshot(tables, secrets=secrets, revision=1)
