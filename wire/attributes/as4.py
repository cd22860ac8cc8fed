"""What a peer of 2-octet ASes says in AS4_PATH and AS4_AGGREGATOR, merged (RFC 6793, section 4.2.3)."""

from typing import Any, Final

from wire.attributes import as_path as paths
from wire.codes import AS_TRANS, AttributeType

_MERGED: Final = (AttributeType.AS4_PATH, AttributeType.AS4_AGGREGATOR)


def merge(values: dict[str, Any]) -> None:
    """Take `as4_path` and `as4_aggregator` out of decoded values, and put right what they correct."""
    as4_path = values.pop("as4_path", None)
    as4_aggregator = values.pop("as4_aggregator", None)
    if "partial" in values:  # their Partial bit goes with them
        values["partial"] = tuple(code for code in values["partial"] if code not in _MERGED)
    aggregator = values.get("aggregator")
    if as4_aggregator is not None and aggregator is not None:
        if int.from_bytes(aggregator[:4], "big") != AS_TRANS:
            return  # a speaker of 2-octet ASes aggregated the route since: both are out of date
        values["aggregator"] = as4_aggregator
    if as4_path is not None and "as_path" in values:
        values["as_path"] = paths.merge_as4_path(values["as_path"], as4_path)
