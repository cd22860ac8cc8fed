import errno

import pytest

from bgpd.kernel.model import Refusal
from bgpd.kernel.remedies import explain_refusal


def test_missing_capability_names_it_and_the_unit() -> None:
    reason, remedy = explain_refusal(Refusal(errno.EPERM))
    assert reason == "Operation not permitted"
    assert "AmbientCapabilities=CAP_NET_ADMIN" in remedy


def test_kernels_words_come_first() -> None:
    reason, _ = explain_refusal(Refusal(errno.ENETUNREACH, "Nexthop has invalid gateway"))
    assert reason == "Nexthop has invalid gateway (Network is unreachable)"


@pytest.mark.parametrize(
    "number", [errno.EEXIST, errno.ENETDOWN, errno.ENODEV, errno.EBUSY, errno.EHOSTUNREACH]
)
def test_common_refusals_have_a_remedy(number: int) -> None:
    assert explain_refusal(Refusal(number))[1]


def test_unknown_error_has_none() -> None:
    assert explain_refusal(Refusal(errno.EXDEV)) == ("Invalid cross-device link", "")
