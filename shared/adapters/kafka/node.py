"""One node of an embedded Kafka: its folder, its configuration and the programs that run on it."""

import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from shared.adapters.process import LOOPBACK, Program

# Small, and without Java 25's remarks on how Kafka reaches memory and native libraries.
JVM: Final = (
    "-Xmx256m",
    "-XX:+UseSerialGC",
    "--sun-misc-unsafe-memory-access=allow",
    "--enable-native-access=ALL-UNNAMED",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
)
ENVIRONMENT: Final = {"LC_ALL": "C.UTF-8", "TZ": "UTC", "PATH": os.defpath}

# For one machine and few partitions. A killed broker can come back, and another take over, once its session has ended.
SETTINGS: Final[Mapping[str, object]] = {
    "process.roles": "broker,controller",
    "listener.security.protocol.map": "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "inter.broker.listener.name": "BROKER",
    "controller.listener.names": "CONTROLLER",
    "auto.create.topics.enable": "false",
    "broker.heartbeat.interval.ms": 500,
    "broker.session.timeout.ms": 4000,
    "group.initial.rebalance.delay.ms": 0,
    "group.min.session.timeout.ms": 1000,
    "log.cleaner.dedupe.buffer.size": 16 * 1024 * 1024,  # its default is half of our heap
    "offsets.topic.num.partitions": 8,
    "share.coordinator.state.topic.num.partitions": 8,
    "transaction.state.log.num.partitions": 8,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A broker that is a controller too."""

    number: int
    folder: Path
    port: int
    controller_port: int

    @property
    def address(self) -> str:
        """Where clients reach it."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def controller(self) -> str:
        """Where the other nodes' controllers reach it."""
        return f"{LOOPBACK}:{self.controller_port}"

    @property
    def log(self) -> Path:
        """What its programs have to say."""
        return self.folder / "server.log"

    @property
    def configuration(self) -> Path:
        """What its programs read."""
        return self.folder / "server.properties"

    def configure(self, nodes: Sequence["Node"], settings: Mapping[str, str]) -> None:
        """Write the configuration of this node among all nodes; the settings add to ours or replace them."""
        properties = {
            **SETTINGS,
            **_replication(len(nodes)),
            "node.id": self.number,
            "controller.quorum.voters": ",".join(f"{node.number}@{node.controller}" for node in nodes),
            "listeners": f"BROKER://{self.address},CONTROLLER://{self.controller}",
            "advertised.listeners": f"BROKER://{self.address}",
            "log.dirs": self.folder / "data",
            **settings,
        }
        self.folder.mkdir(exist_ok=True)
        lines = [f"{name}={value}\n" for name, value in properties.items()]
        self.configuration.write_text("".join(lines), encoding="utf-8")

    def formatting(self, java: Path, jars: Path, cluster_id: str) -> Program:
        """Prepares the folder, unless it is prepared already."""
        options = ["format", "--ignore-formatted", f"--cluster-id={cluster_id}", "-c", str(self.configuration)]
        return self._program(java, jars, "kafka.tools.StorageTool", *options)

    def broker(self, java: Path, jars: Path) -> Program:
        """The broker itself; it ends at once when the process that started it ends."""
        return self._program(java, jars, "kafka.Kafka", str(self.configuration))

    def _program(self, java: Path, jars: Path, main_class: str, *arguments: str) -> Program:
        return Program(
            command=[str(java), *JVM, "-cp", f"{jars}/*", main_class, *arguments],
            folder=self.folder,
            log=self.log,
            death_signal=signal.SIGKILL,
            environment=ENVIRONMENT,
        )


def _replication(nodes: int) -> dict[str, int]:
    """As many copies as a production cluster has, as far as there are nodes for them."""
    copies = min(nodes, 3)
    enough = max(1, copies - 1)
    return {
        "default.replication.factor": copies,
        "min.insync.replicas": enough,
        "offsets.topic.replication.factor": copies,
        "share.coordinator.state.topic.min.isr": enough,
        "share.coordinator.state.topic.replication.factor": copies,
        "transaction.state.log.min.isr": enough,
        "transaction.state.log.replication.factor": copies,
    }
