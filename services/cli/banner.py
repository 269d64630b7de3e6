"""What `lifestage up` says once it is ready: where it is, the key, and three lines to try."""

import sys
from collections.abc import Sequence
from typing import Final

from msgspec import Struct, json, to_builtins
from rich.markup import escape

from services.cli import terminal
from shared.config import Settings, variable
from shared.domain.instants import SECOND, Instant, rfc3339
from shared.ports.clock import now
from shared.ports.queries import Keys
from shared.web.auth import hashed

_EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}


class Started(Struct, frozen=True, kw_only=True):
    """A running instance, as its starter is told of it."""

    message: str = "ready"
    url: str
    data: str
    log: str
    clock: str
    partitions: int
    admin_key: str | None = None
    """Only where it was made by this start: nobody can tell it again."""
    curl: Sequence[str] = ()


def address(host: str, port: int) -> str:
    """The url under which a server on a host and port is reached from this machine."""
    shown = _EVERYWHERE.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{shown}:{port}"


async def word_for_key(made: str | None, given: str | None, keys: Keys) -> str:
    """How a command line writes a key: the one just made, or the variable that holds one."""
    if made is not None and made != given:
        return made
    if given is not None and await keys.find(hashed(given)) is not None:
        return f"${variable('admin_key')}"
    return "$LIFESTAGE_KEY"


def curl_lines(url: str, key: str) -> list[str]:
    """A purchase posted, the customer read, the funnel read."""
    at = rfc3339(Instant(now() // SECOND * SECOND))
    header = f'-H "Authorization: Bearer {key}"'
    purchase = (
        f'{{"id":"order-1","source":"shop","type":"purchase","customer_id":"anna","occurred_at":"{at}",'
        '"data":{"order_id":"1","amount":"59.90","currency":"EUR"}}'
    )
    return [
        f"curl -s {url}/v1/events {header} -d '{purchase}'",
        f"curl -s {url}/v1/customers/anna {header}",
        f"curl -s {url}/v1/funnel {header}",
    ]


def announce(started: Started, settings: Settings, people: bool) -> None:
    """Tell people in words, programs in one line of JSON."""
    if not people:
        told = {name: value for name, value in to_builtins(started).items() if value is not None}
        sys.stdout.write(json.encode(told).decode() + "\n")
        sys.stdout.flush()
        return
    show = terminal.out.print
    show(f"\n[bold green]Lifestage is running[/] at [bold]{started.url}[/]\n")
    show(f"  data       {escape(started.data)}  [dim](log file: lifestage.log)[/]")
    show(f"  log        {started.log}, {started.partitions} partitions")
    show(f"  clock      {started.clock}{_ON_TEST if started.clock == 'test' else ''}")
    show(f"  admin key  {_key_words(started, settings)}\n")
    show("Try:")
    for line in started.curl:
        show(f"  {escape(line)}")
    show("\n[dim]Ctrl-C stops it; started again on the same folder it goes on where it was.[/]")


_ON_TEST: Final = "  [dim](time passes by POST /v1/clock alone)[/]"


def _key_words(started: Started, settings: Settings) -> str:
    if started.admin_key is not None:
        return f"[bold]{escape(started.admin_key)}[/]  [dim](shown once: keep it)[/]"
    if any(f"${variable('admin_key')}" in line for line in started.curl):
        return f"the one in {variable('admin_key')}"
    ignored = f"{variable('admin_key')} is not a key of this instance; " if settings.admin_key else ""
    again = "[dim]make another with 'lifestage keys create'[/]"
    return f"{ignored}shown when this instance was made; {again}"
