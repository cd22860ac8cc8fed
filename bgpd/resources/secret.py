"""Secret: where passwords of sessions come from (calico-reference.md section 4.7)."""

import base64
import binascii
from typing import Annotated, Literal

from pydantic import Field

from bgpd.resources.meta import Foreign, Model, Resource
from bgpd.resources.values import Flag, RuleError, validated


class SecretKeyReference(Model):
    """One key of one Secret; `optional` is accepted and, as in Calico, not looked at."""

    name: str
    key: str
    optional: Flag | None = None


class SecretReference(Model):
    """The `password` of a BGPPeer and the `nodeMeshPassword` of a BGPConfiguration."""

    secret_key_ref: SecretKeyReference


def _base64(text: str) -> str:
    try:
        base64.b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise RuleError(
            "not base64 of a text", "encode it with base64, or write it as it is under stringData"
        ) from None
    return text


class Secret(Resource, Foreign):
    """Kubernetes' Secret, for passwords; neither `repr` nor a log line ever shows its values."""

    api_version: str = "v1"
    kind: Literal["Secret"] = "Secret"
    type: str | None = None
    immutable: Flag | None = None
    data: dict[str, Annotated[str, validated(_base64)]] = Field(default_factory=dict, repr=False)
    string_data: dict[str, str] = Field(default_factory=dict, repr=False)

    def values(self) -> dict[str, str]:
        """Return the decoded values by key; `stringData` wins over `data`, as in Kubernetes."""
        decoded = {key: base64.b64decode(value).decode() for key, value in self.data.items()}
        return decoded | self.string_data
