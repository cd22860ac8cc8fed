"""Durations by size."""

from hypothesis import given
from hypothesis import strategies as st

from bgpd.histogram import Histogram


@given(st.lists(st.floats(0, 100)))
def test_each_bucket_counts_what_lasted_no_longer(durations):
    histogram = Histogram()
    for duration in durations:
        histogram.observe(duration)
    read = histogram.read()
    assert all(count == sum(d <= bound for d in durations) for bound, count in read.buckets)
    assert read.buckets[-1] == (float("inf"), len(durations))
    assert read.total == sum(durations)
