"""What the program says about itself, for the checks of operators: `python -m deploy.documents metrics|openapi`."""

import sys

from msgspec import json

from services.api.app import create_app
from services.ingest.openapi import DOCUMENT
from shared.adapters.memory.keys import MemoryKeys
from shared.adapters.memory.log import MemoryLog
from shared.adapters.memory.store import MemoryStore
from shared.telemetry.catalogue import Catalogue
from shared.telemetry.metrics import ApiMetrics, HttpMetrics, IngestMetrics, ScorerMetrics
from shared.telemetry.model import ModelMetrics


def metrics() -> str:
    """The metrics of all processes together, as Prometheus would scrape them."""
    catalogue = Catalogue("all")
    for part in (HttpMetrics, IngestMetrics, ApiMetrics, ScorerMetrics, ModelMetrics):
        part(catalogue)
    return catalogue.exposition().decode()


def openapi() -> str:
    """The OpenAPI document of ingest and api together."""

    async def ready() -> None:
        return None

    log = MemoryLog()
    store = MemoryStore(log.partitions)
    app = create_app(
        store,
        store,
        log.writer(),
        MemoryKeys(),
        Catalogue("api"),
        ready,
        surveys=store.surveys,
        models=store.models,
        extra_openapi=DOCUMENT,
    )
    return json.encode(app.openapi()).decode()


if __name__ == "__main__":
    print({"metrics": metrics, "openapi": openapi}[sys.argv[1]]())
