"""`make bench`: every figure of speed, each against a reference in the same run."""

import subprocess
import sys
from typing import Annotated, Final

import typer

PARTS: Final = ("scorer", "ingest", "latency", "api", "walking", "rhythm")


def main(
    parts: Annotated[list[str] | None, typer.Argument(help=f"Any of {', '.join(PARTS)}; else all.")] = None,
) -> None:
    """Run the benchmarks one after the other. Each is a command of its own: `python -m bench.scorer --help`."""
    failed = []
    for part in parts or PARTS:
        if part not in PARTS:
            raise typer.BadParameter(f"{part!r} is no benchmark: choose from {', '.join(PARTS)}")
        typer.echo(f"--- {part}")
        if subprocess.run([sys.executable, "-m", f"bench.{part}"], check=False).returncode:
            failed.append(part)
    if failed:
        typer.echo(f"failed: {', '.join(failed)}", err=True)
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
