"""What the demo shows in the end: the funnel, the most urgent alerts, one customer's story, and lines to try."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from rich.markup import escape
from rich.table import Table

from services.cli import terminal
from services.cli.client import Client
from services.cli.demo.replay import Reached

BAR: Final = 40
ALERTS: Final = 10
LOOKED_AT: Final = 40
"""Timelines that are read to find one worth telling."""
LONGEST: Final = 40
"""Entries of a story."""
COLOURS: Final = {
    "prospect": "blue",
    "exploration": "cyan",
    "formation": "green",
    "stability": "bold green",
    "decline": "red",
    "dormant": "magenta",
    "ended": "bright_black",
}
URGENT: Final = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "dim"}

Answer = Mapping[str, Any]


async def show(client: Client, reached: Reached, url: str, key: str) -> None:
    """Show everything."""
    funnel = await client.get("/v1/funnel")
    alerts = (await client.get("/v1/alerts", limit=ALERTS))["items"]
    rate = reached.events / reached.seconds
    terminal.out.print(
        f"\n[bold]{reached.events:,} purchases over {reached.days} days[/] replayed through HTTP, log, scorer and"
        f" database in [bold]{reached.seconds:.1f} s[/] ({rate:,.0f} purchases/s, {reached.days} daily ticks)"
    )
    _funnel(funnel)
    _alerts(alerts)
    told = await _tell(client, alerts)
    _curl(url, key, told, str(funnel["as_of"]))


def _funnel(funnel: Answer) -> None:
    terminal.out.print(f"\n[bold]Where {funnel['heads']:,} customers stand[/] as of {funnel['as_of'][:10]}")
    stages = [stage for stage in funnel["stages"] if stage["heads"]]
    most = max((stage["heads"] for stage in stages), default=1)
    for stage in stages:
        colour = COLOURS.get(stage["stage"], "white")
        bar = "█" * max(1, round(BAR * stage["heads"] / most))
        share = stage["heads"] / funnel["heads"]
        terminal.out.print(f"  {stage['label']:<12} [{colour}]{bar:<{BAR}}[/] {stage['heads']:>7,}  {share:>5.1%}")


def _alerts(alerts: Sequence[Answer]) -> None:
    if not alerts:
        terminal.out.print("\n[bold]There are no open alerts[/]")
        return
    terminal.out.print(f"\n[bold]The {len(alerts)} most urgent alerts[/]")
    columns = ("customer", "severity", "act by", "usually buys", "at risk", "what")
    table = Table(*columns, box=None, header_style="dim", pad_edge=False)
    for alert in alerts:
        colour = URGENT.get(alert["severity"], "white")
        severity = f"[{colour}]{alert['severity']}[/]"
        worth, at_risk = _money(alert["level"]), _money(alert["evidence"]["value_at_risk"])
        table.add_row(alert["customer_id"], severity, alert["deadline"][:10], worth, at_risk, escape(alert["text"]))
    terminal.out.print(table)


def _money(worth: Answer | None) -> str:
    return "" if worth is None else f"{worth['amount']} {worth['currency']}"


async def _tell(client: Client, alerts: Sequence[Answer]) -> str:
    """Tell one customer's story; whose."""
    customer_id, entries = await _worth_telling(client, alerts)
    terminal.out.print(f"\n[bold]The story of customer {escape(customer_id)}[/]")
    for entry in sorted(entries, key=lambda entry: (entry["at"], entry["kind"] != "event")):
        terminal.out.print(f"  {entry['at'][:10]}  {_line(entry)}")
    customer = await client.get(f"/v1/customers/{customer_id}")
    if customer["risk"] is not None:
        terminal.out.print(f"  {customer['as_of'][:10]}  [dim]{escape(customer['risk']['text'])}[/]")
    return customer_id


async def _worth_telling(client: Client, alerts: Sequence[Answer]) -> tuple[str, list[Answer]]:
    """The customer with the most turns among some, and its timeline, which is not too long to be read."""
    stages = ("formation", "stability", "decline", "exploration")
    pages = await asyncio.gather(*(client.get("/v1/customers", stage=stage, limit=200) for stage in stages))
    customers = [customer for page in pages for customer in page["items"]]
    customers.sort(key=lambda customer: (customer["origin"] != "stability", -customer["cycle"], -customer["version"]))
    wanted = [alert["customer_id"] for alert in alerts] + [customer["customer_id"] for customer in customers]
    names = list(dict.fromkeys(wanted))[:LOOKED_AT]
    timelines = await asyncio.gather(*(client.get(f"/v1/customers/{name}/timeline", limit=200) for name in names))
    found = [(name, list(timeline["items"])) for name, timeline in zip(names, timelines, strict=True)]
    return max(found, key=lambda one: (_turns(one[1]), -len(one[1])))


def _turns(entries: Sequence[Answer]) -> int:
    """How many turns a story has, 0 where it is too long."""
    turns = {(entry["source"], entry["target"]) for entry in entries if entry["kind"] == "transition"}
    return len(turns) if len(entries) <= LONGEST else 0


def _line(entry: Answer) -> str:
    match entry["kind"]:
        case "transition":
            colour = COLOURS.get(entry["target"], "white")
            taken_back = " [dim](taken back later)[/]" if entry["retracted"] else ""
            return f"[{colour}]→ {escape(entry['target_label'])}[/]: {escape(entry['why']['text'])}{taken_back}"
        case "alert":
            return f"[yellow]! {escape(entry['text'])}[/] [dim]({entry['severity']}, {entry['status']})[/]"
        case _:
            return escape(str(entry["text"]))


def _curl(url: str, key: str, customer_id: str, as_of: str) -> None:
    header = f'-H "Authorization: Bearer {key}"'
    at = datetime.fromisoformat(as_of)
    bought = (at + timedelta(seconds=1)).isoformat()
    later = (at + timedelta(days=30)).isoformat()
    event = (
        f'{{"id":"demo-1","source":"you","type":"purchase","customer_id":"{customer_id}","occurred_at":"{bought}",'
        '"data":{"order_id":"demo-1","amount":"25.00","currency":"USD"}}'
    )
    terminal.out.print("\n[bold]Try[/] [dim](why it stands there; a purchase; a month passes)[/]")
    for line in (
        f"curl -s {url}/v1/customers/{customer_id} {header}",
        f"curl -s {url}/v1/events {header} -d '{event}'",
        f'curl -s {url}/v1/clock {header} -d \'{{"at":"{later}"}}\'',
    ):
        terminal.out.print(f"  {escape(line)}")
