"""Felix' endpoint status files: which workloads peer with their node (calico-reference.md section 4.6)."""

import json
from pathlib import Path

from pydantic import ValidationError

from bgpd.datastore import directory
from bgpd.resources import EndpointStatus, Fault


class EndpointStatusDirectory:
    """A directory of JSON files, one per workload; absent on nodes without Felix, which is no fault.

    A file that cannot be read leaves the workload's last good status in force.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.statuses: dict[str, EndpointStatus] = {}
        self._faults: dict[str, Fault] = {}
        self._signatures: dict[str, tuple[int, ...]] = {}

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The files that are no endpoint status, by name."""
        return tuple(self._faults[name] for name in sorted(self._faults))

    def scan(self) -> bool:
        """Read the files that changed; tell whether anything did."""
        if self.path is None:
            return False
        found = self._list()
        changed = [name for name, signature in found.items() if self._signatures.get(name) != signature]
        gone = self._signatures.keys() - found.keys()
        if not changed and not gone:
            return False
        self._signatures = found
        kept = {name: status for name, status in self.statuses.items() if name not in gone}
        self._faults = {name: fault for name, fault in self._faults.items() if name in found}
        self.statuses = dict(sorted({**kept, **self._read_all(changed)}.items()))
        return True

    def _list(self) -> dict[str, tuple[int, ...]]:
        try:
            paths = [path for path in Path(self.path or "").iterdir() if not path.name.startswith(".")]
            infos = {path.name: path.stat() for path in sorted(paths) if path.is_file()}
        except OSError:
            return {}
        return {name: (info.st_mtime_ns, info.st_size, info.st_ino) for name, info in infos.items()}

    def _read_all(self, names: list[str]) -> dict[str, EndpointStatus]:
        read = {}
        for name in names:
            path = Path(self.path or "") / name
            try:
                read[name] = EndpointStatus.model_validate(json.loads(directory.read_text(str(path))))
                self._faults.pop(name, None)
            except (OSError, ValueError, RecursionError, ValidationError) as error:
                reason = str(error).splitlines()[0]
                self._faults[name] = Fault(
                    str(path), f"no endpoint status: {reason}", remedy="Felix rewrites it"
                )
        return read
