"""What operators start agrees with the program: commands, settings, ports, health checks, versions."""

import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest
import typer.main
from msgspec import Struct

from services.cli.main import app
from shared.adapters.kafka.distribution import VERSION as KAFKA_VERSION
from shared.adapters.kafka.node import Node
from shared.adapters.postgres.binaries import MAJOR as POSTGRES_MAJOR
from shared.config import Settings, variable
from tests import deployment
from tests.deployment import ROOT, Process

PROCESSES = [*deployment.compose_processes(), *deployment.kubernetes_processes()]
COMMANDS: dict[str, Any] = getattr(typer.main.get_command(app), "commands", {})
VARIABLES = {variable(name) for name in Settings.__struct_fields__}
each_process = pytest.mark.parametrize("process", PROCESSES, ids=lambda process: f"{process.where}-{process.name}")
each_server = pytest.mark.parametrize(
    "process",
    [process for process in PROCESSES if process.name not in deployment.ENDING],
    ids=lambda process: f"{process.where}-{process.name}",
)


def test_every_process_is_started_by_compose_and_by_kubernetes() -> None:
    names = {where: {each.name for each in PROCESSES if each.where == where} for where in ("compose", "kubernetes")}

    # With Compose a scorer makes the refits: it has the machine's memory.
    assert names == {"compose": set(deployment.OURS), "kubernetes": {*deployment.OURS, "refit"}}


def test_refits_are_made_by_a_scorer_or_by_a_job_of_their_own() -> None:
    seconds = {
        each.where: Settings.from_env(each.environment).refit_seconds for each in PROCESSES if each.name == "scorer"
    }

    assert seconds == {"compose": Settings().refit_seconds, "kubernetes": 0}


@each_process
def test_the_program_knows_the_command(process: Process) -> None:
    assert len(process.command) == 1
    assert process.command[0] in COMMANDS


@each_process
def test_the_program_accepts_the_environment(process: Process) -> None:
    settings = Settings.from_env(process.environment)

    assert set(process.environment) <= VARIABLES
    assert settings.database_url is not None
    assert process.name == "migrate" or (settings.log == "kafka" and settings.kafka == "kafka:9092")


@each_server
def test_health_checks_ask_the_port_that_the_process_opens_to_others(process: Process) -> None:
    settings = Settings.from_env(process.environment)

    assert settings.host == "0.0.0.0"
    assert {port for port, _ in process.asked} == {port_of(process)}
    assert {path for _, path in process.asked} <= {"/readyz", "/livez"}
    assert (port_of(process), "/readyz") in process.asked


@each_server
def test_prometheus_scrapes_every_process_where_it_serves_metrics(process: Process) -> None:
    scraped = {each.name: each.port for job in scrape_jobs() for each in job.names()}

    assert scraped[process.name] == port_of(process)
    assert process.scraped in (None, port_of(process))


def test_prometheus_scrapes_nothing_that_is_not_started() -> None:
    names = {each.name for job in scrape_jobs() for each in job.names()}

    assert names == set(deployment.OURS) - {"migrate"}
    assert {job.job_name for job in scrape_jobs()} == names | {"prometheus"}


def test_compose_publishes_the_ports_that_processes_open_on_the_loopback_alone() -> None:
    published = {name: service.ports for name, service in deployment.services().items() if service.ports}

    assert published == {
        "ingest": ["127.0.0.1:8080:8080"],
        "api": ["127.0.0.1:8081:8080"],
        "prometheus": ["127.0.0.1:9090:9090"],
    }


@each_server
def test_a_process_may_finish_what_it_has_begun_before_it_is_killed(process: Process) -> None:
    if process.where == "compose":
        patience = float(deployment.services()[process.name].stop_grace_period.removesuffix("s"))

        assert patience > Settings.from_env(process.environment).stop_seconds


def test_compose_asks_for_every_secret_and_the_example_holds_none() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")

    for name in deployment.FILLED_IN:
        without = {key: value for key, value in deployment.FILLED_IN.items() if key != name}
        with pytest.raises(KeyError, match=name):
            deployment.services(without)
        assert re.search(rf"^{name}=$", example, re.MULTILINE)


def test_images_are_the_versions_that_the_tests_start() -> None:
    services = deployment.services()

    assert services["kafka"].image == f"apache/kafka:{KAFKA_VERSION}"
    assert services["postgres"].image == f"postgres:{POSTGRES_MAJOR}"


@each_process
def test_our_image_is_named_after_our_version(process: Process) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

    assert process.image == f"lifestage:{version}"
    assert f"lifestage:{version} " in (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")


def test_kafka_is_set_up_as_the_tests_set_it_up(tmp_path: Path) -> None:
    node = Node(number=1, folder=tmp_path, port=9092, controller_port=9093)
    node.configure([node], {})

    lines = node.configuration.read_text(encoding="utf-8").splitlines()
    of_one_machine = {"advertised.listeners", "controller.quorum.voters", "listeners", "log.dirs"}
    ours = {name: value for name, _, value in (line.partition("=") for line in lines) if name not in of_one_machine}

    environment = deployment.services()["kafka"].environment
    theirs = {name.removeprefix("KAFKA_").lower().replace("_", "."): value for name, value in environment.items()}
    assert {name: theirs.get(name) for name in ours} == ours
    assert theirs.keys() - ours.keys() == of_one_machine | {"heap.opts"}


def test_the_image_is_built_from_files_that_exist_and_are_sent() -> None:
    sent = [line.removeprefix("!") for line in read_lines(ROOT / ".dockerignore") if line.startswith("!")]

    assert sorted(sent) == sorted(image_sources())
    assert "*" in read_lines(ROOT / ".dockerignore")
    assert [source for source in image_sources() if not (ROOT / source).exists()] == []


def test_the_run_book_names_every_setting() -> None:
    table = set(re.findall(r"^\| `(LIFESTAGE_\w+)` \|", read(ROOT / "docs" / "operations.md"), re.MULTILINE))

    options = {option.envvar for name in ("up", *deployment.OURS) for option in COMMANDS[name].params if option.envvar}
    assert table == VARIABLES | options


def test_the_run_book_asks_for_no_command_that_the_program_lacks() -> None:
    text = read(ROOT / "docs" / "operations.md")
    found = re.findall(r"^ *(?:lifestage|docker compose run --rm api) ([^#\n]+)", text, re.MULTILINE)

    assert len(found) > 10
    assert [line for line in found if not understood(shlex.split(line))] == []


def understood(words: list[str]) -> bool:
    """Whether the program has the command, and the command the options."""
    command: Any = COMMANDS.get(words[0])
    rest = words[1:]
    while hasattr(command, "commands"):
        command, rest = command.commands.get(rest[0]), rest[1:]
    options = {name for option in command.params for name in option.opts} if command else set()
    return command is not None and {word for word in rest if word.startswith("-")} <= options


def image_sources() -> list[str]:
    """What the Dockerfile copies out of the checkout."""
    copies = [
        line.split(maxsplit=1)[1] for line in read_lines(ROOT / "deploy" / "Dockerfile") if line.startswith("COPY ")
    ]
    return [source for copy in copies if "--from=" not in copy for source in shlex.split(copy)[:-1]]


def port_of(process: Process) -> int:
    """Where a process answers `/metrics` and the health checks."""
    settings = Settings.from_env(process.environment)
    return settings.metrics_port if process.name == "scorer" else settings.port


def read(path: Path) -> str:
    """A file's text."""
    return path.read_text(encoding="utf-8")


def read_lines(path: Path) -> list[str]:
    """A file's lines."""
    return read(path).splitlines()


class Name(Struct):
    """A host name that Prometheus looks up, and the port there."""

    name: str
    port: int


class Lookup(Struct):
    """Names that are looked up alike."""

    names: list[str]
    port: int


class Job(Struct):
    """What Prometheus scrapes under one name."""

    job_name: str
    dns_sd_configs: list[Lookup] = []

    def names(self) -> list[Name]:
        """Every name with its port."""
        return [Name(name, lookup.port) for lookup in self.dns_sd_configs for name in lookup.names]


class Scraping(Struct):
    """prometheus.yml, as far as the tests ask."""

    scrape_configs: list[Job]


def scrape_jobs() -> list[Job]:
    """What prometheus.yml scrapes."""
    text = (ROOT / "deploy" / "prometheus" / "prometheus.yml").read_bytes()
    return msgspec.yaml.decode(text, type=Scraping).scrape_configs
