"""What the program says about itself, for the checks of operators: `python -m deploy.documents metrics|openapi`."""

import sys

from shared.telemetry.catalogue import Catalogue
from shared.telemetry.metrics import ApiMetrics, HttpMetrics, IngestMetrics, ScorerMetrics


def metrics() -> str:
    """The metrics of all processes together, as Prometheus would scrape them."""
    catalogue = Catalogue("all")
    for part in (HttpMetrics, IngestMetrics, ApiMetrics, ScorerMetrics):
        part(catalogue)
    return catalogue.exposition().decode()


if __name__ == "__main__":
    print({"metrics": metrics}[sys.argv[1]]())
