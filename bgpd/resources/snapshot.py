"""All resources at one moment, as one frozen value."""

from collections.abc import Mapping
from typing import TypeVar, cast

from bgpd.resources.endpoint_slice import EndpointStatus
from bgpd.resources.meta import Resource
from bgpd.resources.problems import Fault
from records import field, record

R = TypeVar("R", bound=Resource)
Table = Mapping[str, Resource]
"""The resources of one kind by `Resource.key`, in the order of their keys."""

_NOTHING: Mapping[str, Resource] = {}


@record
class Snapshot:
    """The content of the datastore at one revision.

    Tables of kinds that did not change are the same objects as in the snapshot before, so `is` tells quickly
    what to leave alone. `faults` is in stable order; `secrets` never appears in `repr`.
    """

    resources: Mapping[str, Table] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    secrets: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    endpoint_status: Mapping[str, EndpointStatus] = field(default_factory=dict)
    revision: int = 0

    def table(self, model: type[R]) -> Mapping[str, R]:
        """Return all resources of one kind by key."""
        return cast("Mapping[str, R]", self.resources.get(kind_of(model), _NOTHING))

    def of(self, model: type[R]) -> list[R]:
        """Return all resources of one kind, sorted by key."""
        return list(self.table(model).values())

    def get(self, model: type[R], name: str, namespace: str | None = None) -> R | None:
        """Return one resource, or None."""
        return self.table(model).get(f"{namespace}/{name}" if namespace else name)

    def secret(self, name: str, key: str) -> str | None:
        """Return the value a secretKeyRef points at, or None while there is none."""
        return self.secrets.get(name, {}).get(key)


def kind_of(model: type[Resource]) -> str:
    """Return the kind a model stands for."""
    return cast("str", model.model_fields["kind"].default)


def make_table(resources: Mapping[str, R]) -> Mapping[str, R]:
    """Put resources into the order of their keys."""
    return dict(sorted(resources.items()))
