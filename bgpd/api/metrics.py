"""The metrics as Prometheus reads them: one collector that looks at the daemon when it is scraped."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from bgpd.api.metric_table import METRICS, Readings
from bgpd.api.metric_table import Metric as Row
from bgpd.api.view import DaemonView


class SpeakerCollector(Collector):
    """Reads the whole table from one look at the daemon, so that a scrape is consistent."""

    def __init__(self, view: DaemonView) -> None:
        self._view = view

    def collect(self) -> Iterable[Metric]:
        """Give every metric that has samples."""
        readings = Readings(self._view.status(), self._view.peers())
        return (_family(row, readings) for row in METRICS)


def exposition(view: DaemonView, accept: str) -> tuple[bytes, str]:
    """Render all metrics in the format that the scraper accepts; gives the text and its content type."""
    registry = CollectorRegistry()
    registry.register(SpeakerCollector(view))
    ProcessCollector(registry=registry)
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


def _family(row: Row, readings: Readings) -> Metric:
    make = CounterMetricFamily if row.kind == "counter" else GaugeMetricFamily
    family = make(row.name.removesuffix("_total"), row.text, labels=row.labels)
    for labels, value in row.samples(readings):
        family.add_metric(labels, value)
    return family
