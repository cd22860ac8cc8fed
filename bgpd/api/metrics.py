"""The metrics as Prometheus reads them: one collector per scrape, over one look at the daemon."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from bgpd.api.metric_table import METRICS, DurationMetric, Readings
from bgpd.api.metric_table import Metric as NumberMetric


class SpeakerCollector(Collector):
    """Makes the whole table of metrics from one look at the daemon, so that a scrape is consistent."""

    def __init__(self, readings: Readings) -> None:
        self._readings = readings

    def collect(self) -> Iterable[Metric]:
        """Give every metric of the table."""
        return (_family(row, self._readings) for row in METRICS)


def exposition(readings: Readings, accept: str) -> tuple[bytes, str]:
    """Render all metrics in the format that the scraper accepts; gives the text and its content type.

    Touches nothing but the frozen readings, so it may run in a thread beside the event loop.
    """
    registry = CollectorRegistry()
    registry.register(SpeakerCollector(readings))
    ProcessCollector(registry=registry)
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


def _family(row: NumberMetric | DurationMetric, readings: Readings) -> Metric:
    if isinstance(row, DurationMetric):
        return _histogram(row, readings)
    make = CounterMetricFamily if row.kind == "counter" else GaugeMetricFamily
    family = make(row.name.removesuffix("_total"), row.text, labels=row.labels)
    for labels, value in row.samples(readings):
        family.add_metric(labels, value)
    return family


def _histogram(row: DurationMetric, readings: Readings) -> Metric:
    family = HistogramMetricFamily(row.name, row.text)
    distribution = row.read(readings)
    if distribution is not None:
        buckets = [(_bound(bound), count) for bound, count in distribution.buckets]
        family.add_metric((), buckets, distribution.total)
    return family


def _bound(seconds: float) -> str:
    return "+Inf" if seconds == float("inf") else str(seconds)
