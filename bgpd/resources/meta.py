"""The envelope all resources share: apiVersion, kind, metadata (calico-reference.md section 1.1)."""

from collections.abc import Iterator
from typing import Any, ClassVar, Self, get_args

from pydantic import BaseModel, ConfigDict, Field

from bgpd.resources.rules import Rule
from bgpd.resources.values import AnnotationKey, LabelValue, Name, QualifiedName

API_VERSION = "projectcalico.org/v3"

# Words that Calico's JSON names write in capitals after the first word: peer_ip is peerIP, not peerIp.
_CAPITALS = {
    "as": "AS",
    "bgp": "BGP",
    "cidrs": "CIDRs",
    "id": "ID",
    "ip": "IP",
    "ipip": "IPIP",
    "ips": "IPs",
    "ipv4": "IPv4",
    "ipv6": "IPv6",
    "mac": "MAC",
    "vxlan": "VXLAN",
}
_EXCEPTIONS = {
    "local_workload_peering_ipv4": "localWorkloadPeeringIPV4",
    "local_workload_peering_ipv6": "localWorkloadPeeringIPV6",
}
_MAX_ANNOTATION_BYTES = 262144


def json_name(attribute: str) -> str:
    """Return Calico's JSON name of a Python attribute: `peer_ip` is `peerIP`."""
    first, *others = attribute.split("_")
    regular = first + "".join(_CAPITALS.get(word, word.capitalize()) for word in others)
    return _EXCEPTIONS.get(attribute, regular)


class Model(BaseModel):
    """A part of a resource: immutable, spelt as in Calico's JSON, unknown fields are errors."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        alias_generator=json_name,
        populate_by_name=True,
        hide_input_in_errors=True,
        defer_build=True,  # a kind that is never read costs no start-up time
    )
    rules: ClassVar[tuple[Rule, ...]] = ()
    """What must hold between the fields, beyond what each field's own type says."""

    @classmethod
    def __pydantic_init_subclass__(cls, **_: object) -> None:
        """Let Python learn the names of the fields, so that compacted models share them (see compact.py).

        After some thirty models that pydantic made without saying the names it would no longer listen.
        """
        first = object.__new__(cls)
        for name in cls.model_fields:
            object.__setattr__(first, name, None)


def models_in(annotation: object) -> Iterator[type[Model]]:
    """Yield the models inside an annotation such as `tuple[FilterRuleV4, ...]` or `NodeBGP | None`."""
    if isinstance(annotation, type) and issubclass(annotation, Model):
        yield annotation
    for part in get_args(annotation):
        yield from models_in(part)


def deviating_fields(model: Model) -> set[str]:
    """Return the fields that say something else than their default, which Calico also stores."""
    defaults = {name: type(model).model_fields[name].get_default() for name in model.model_fields_set}
    return {name for name, default in defaults.items() if getattr(model, name) != default}


class Foreign(Model):
    """A part of a Kubernetes object: fields that bgpd does not read are kept and not judged."""

    model_config = ConfigDict(extra="allow")


def _annotation_bytes(metadata: "Metadata") -> int:
    return sum(len(key.encode()) + len(value.encode()) for key, value in metadata.annotations.items())


_NONE: dict[str, str] = {}


def _none() -> dict[str, str]:
    """Return one mapping for all resources without labels or annotations; nobody changes it."""
    return _NONE


class Metadata(Model):
    """Name and bookkeeping of a resource."""

    name: Name
    namespace: Name | None = None
    labels: dict[QualifiedName, LabelValue] = Field(default_factory=_none)
    annotations: dict[AnnotationKey, str] = Field(default_factory=_none)
    uid: str | None = None
    resource_version: str | None = None
    generation: int | None = None
    creation_timestamp: str | None = None
    deletion_timestamp: str | None = None
    deletion_grace_period_seconds: int | None = None
    generate_name: str | None = None
    self_link: str | None = None
    finalizers: tuple[str, ...] = ()
    owner_references: tuple[dict[str, Any], ...] = ()
    managed_fields: tuple[dict[str, Any], ...] = ()

    rules = (
        Rule(
            "annotations",
            f"annotations hold more than {_MAX_ANNOTATION_BYTES} bytes",
            "keep large data elsewhere",
            lambda m: _annotation_bytes(m) > _MAX_ANNOTATION_BYTES,
        ),
    )


class Resource(Model):
    """Any resource of the datastore; each kind narrows `kind` and adds its `spec`."""

    api_version: str = API_VERSION
    kind: str
    metadata: Metadata

    @property
    def name(self) -> str:
        """`metadata.name`."""
        return self.metadata.name

    @property
    def key(self) -> str:
        """Unique among its kind: the name, behind its namespace where there is one."""
        namespace = self.metadata.namespace
        return f"{namespace}/{self.name}" if namespace else self.name

    def __str__(self) -> str:
        return f"{self.kind}({self.key})"

    def is_like(self, other: "Resource") -> bool:
        """Tell whether both say the same, and leave the same to defaults."""
        return self == other and self.model_dump(exclude_unset=True) == other.model_dump(exclude_unset=True)

    def document(self) -> dict[str, Any]:
        """Return the resource as a JSON-able document, with the fields that were given and no defaults."""
        head = {"apiVersion": self.api_version, "kind": self.kind}
        return head | self.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_unset=True)

    def with_metadata(self, **changes: object) -> Self:
        """Return a copy with other metadata, for instance the resourceVersion the datastore gave it."""
        metadata = self.metadata.model_copy(update=changes)
        return self.model_copy(update={"metadata": metadata})
