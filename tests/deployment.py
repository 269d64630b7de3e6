"""What docker-compose.yml and deploy/ start: every process with its command, its environment and what asks it."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct, field

ROOT: Final = Path(__file__).parents[1]
COMPOSE: Final = ROOT / "docker-compose.yml"
KUBERNETES: Final = ROOT / "deploy" / "kubernetes"
OURS: Final = ("migrate", "ingest", "scorer", "api")
ENDING: Final = ("migrate", "refit")
"""Those that do their work and end."""
FILLED_IN: Final = {"LIFESTAGE_ADMIN_KEY": "a" * 32, "LIFESTAGE_POSTGRES_PASSWORD": "b" * 32}
"""What an operator writes into `.env`."""

_ADDRESS: Final = re.compile(r"http://127\.0\.0\.1:(\d+)(/\w+)")


class Health(Struct):
    """How Compose finds out whether a container is well."""

    test: list[str]


class Service(Struct):
    """A service of docker-compose.yml, as far as the tests ask."""

    image: str
    command: list[str] = []
    environment: dict[str, str] = {}
    ports: list[str] = []
    healthcheck: Health | None = None
    stop_grace_period: str = "10s"


class _Compose(Struct):
    services: dict[str, Service]


class Process(Struct, frozen=True, kw_only=True):
    """One of our processes as an operator starts it."""

    where: str
    name: str
    image: str
    command: list[str]
    environment: dict[str, str]
    asked: list[tuple[int, str]]
    """Ports and paths that health checks ask."""
    scraped: int | None = None
    """The port that Prometheus is told to scrape, where the manifest itself says so."""


def services(given: Mapping[str, str] = FILLED_IN) -> dict[str, Service]:
    """The services of docker-compose.yml with the variables filled in; KeyError when a required one is not given."""
    text = COMPOSE.read_text(encoding="utf-8")
    return msgspec.yaml.decode(interpolated(text, given), type=_Compose).services


def interpolated(text: str, given: Mapping[str, str]) -> str:
    """The text as Compose reads it: `${NAME:-default}` and `${NAME:?required}` are filled in."""

    def value(match: re.Match[str]) -> str:
        name, kind, rest = match.groups()
        if not given.get(name) and kind == ":?":
            raise KeyError(name)
        return given.get(name) or str(rest)

    return re.sub(r"\$\{(\w+)(:[-?])([^}]*)\}", value, text)


def compose_processes() -> list[Process]:
    """Our processes in docker-compose.yml."""
    found = services()
    return [
        Process(
            where="compose",
            name=name,
            image=found[name].image,
            command=found[name].command,
            environment=found[name].environment,
            asked=asked(found[name]),
        )
        for name in OURS
    ]


def asked(service: Service) -> list[tuple[int, str]]:
    """The ports and paths that a service's health check asks."""
    command = " ".join(service.healthcheck.test) if service.healthcheck else ""
    return [(int(port), path) for port, path in _ADDRESS.findall(command)]


class _Key(Struct):
    name: str
    key: str = ""


class _Source(Struct, rename="camel"):
    secret_key_ref: _Key


class _Variable(Struct, rename="camel"):
    name: str
    value: str = ""
    value_from: _Source | None = None


class _Variables(Struct, rename="camel"):
    config_map_ref: _Key


class _Port(Struct, rename="camel"):
    name: str
    container_port: int = 0
    target_port: str | int = 0


class _Get(Struct):
    path: str
    port: str


class _Probe(Struct, rename="camel"):
    http_get: _Get


class _Container(Struct, rename="camel"):
    name: str
    image: str
    args: list[str]
    env: list[_Variable] = []
    env_from: list[_Variables] = []
    ports: list[_Port] = []
    readiness_probe: _Probe | None = None
    liveness_probe: _Probe | None = None


class _Metadata(Struct):
    name: str = ""
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}


class _Pod(Struct):
    containers: list[_Container]


class _Template(Struct):
    spec: _Pod
    metadata: _Metadata = field(default_factory=_Metadata)


class _Job(Struct):
    spec: "_Spec"


class _Spec(Struct, rename="camel"):
    template: _Template | None = None
    job_template: _Job | None = None
    ports: list[_Port] = []

    def pods(self) -> Iterator[_Template]:
        """The pods that it starts, now or on a day."""
        if self.template is not None:
            yield self.template
        if self.job_template is not None:
            yield from self.job_template.spec.pods()


class Manifest(Struct):
    """One object of deploy/kubernetes, as far as the tests ask."""

    kind: str
    metadata: _Metadata = field(default_factory=_Metadata)
    spec: _Spec = field(default_factory=_Spec)
    data: dict[str, str] = {}


class _Image(Struct, rename="camel"):
    name: str
    new_tag: str


class Kustomization(Struct):
    """What deploy/kubernetes is made of."""

    resources: list[str]
    images: list[_Image]


def kustomization() -> Kustomization:
    """The list of manifests, and the image's version."""
    return msgspec.yaml.decode((KUBERNETES / "kustomization.yaml").read_bytes(), type=Kustomization)


def manifests() -> Iterator[Manifest]:
    """Every object of deploy/kubernetes."""
    for name in kustomization().resources:
        for part in (KUBERNETES / name).read_text(encoding="utf-8").split("\n---\n"):
            yield msgspec.yaml.decode(part, type=Manifest)


def kubernetes_processes() -> list[Process]:
    """Our processes in deploy/kubernetes, their secrets filled in."""
    objects = list(manifests())
    settings = {made.metadata.name: made.data for made in objects if made.kind == "ConfigMap"}
    templates = [template for made in objects for template in made.spec.pods()]
    return [
        _pod_process(template, container, settings) for template in templates for container in template.spec.containers
    ]


def _pod_process(template: _Template, container: _Container, settings: Mapping[str, Mapping[str, str]]) -> Process:
    ports = {port.name: port.container_port for port in container.ports}
    probes = [probe.http_get for probe in (container.readiness_probe, container.liveness_probe) if probe]
    annotations = template.metadata.annotations
    environment = {
        key: value for each in container.env_from for key, value in settings[each.config_map_ref.name].items()
    }
    return Process(
        where="kubernetes",
        name=container.name,
        image=f"{container.image}:{kustomization().images[0].new_tag}",
        command=container.args,
        environment=environment | {each.name: _value(each) for each in container.env},
        asked=[(ports[probe.port], probe.path) for probe in probes],
        scraped=int(annotations["prometheus.io/port"]) if annotations else None,
    )


def _value(variable: _Variable) -> str:
    if variable.value_from is None:
        return variable.value
    secrets = FILLED_IN | {"LIFESTAGE_DATABASE_URL": "postgresql://lifestage:secret@postgres:5432/lifestage"}
    return secrets[variable.value_from.secret_key_ref.key]
