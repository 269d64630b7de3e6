"""An Apache Kafka of our own: real brokers on this machine, on one folder, and never left behind."""

import asyncio
import base64
import json
import os
import signal
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError

from shared.adapters import process
from shared.adapters.kafka import distribution
from shared.adapters.kafka.node import Node
from shared.adapters.process import FolderLock, Process, ServerFailed

START_PATIENCE: Final = 90.0
STOP_PATIENCE: Final = 20.0
ATTEMPTS: Final = 3


class KafkaServer:
    """A running Kafka of one broker or more, reachable over loopback only, ending with the process that started it.

    Its nodes are numbered from 1. They keep their ports when they are killed and restarted.
    """

    def __init__(self, lock: FolderLock, java: Path, jars: Path, nodes: Sequence[Node]) -> None:
        self._lock = lock
        self._java = java
        self._jars = jars
        self._nodes = {node.number: node for node in nodes}
        self._processes: dict[int, Process] = {}
        self.bootstrap = ",".join(node.address for node in nodes)

    @classmethod
    async def start(
        cls, data: Path, *, nodes: int = 1, port: int | None = None, settings: Mapping[str, str] | None = None
    ) -> "KafkaServer":
        """Start brokers on the folder, formatting it first if it is new; call it from the main thread.

        The brokers take free ports or, from `port` on, one each. The settings add to ours or replace them.
        """
        folder = data.resolve()
        folder.mkdir(parents=True, exist_ok=True)
        lock = await FolderLock.take(folder / "lock")
        try:
            java, jars = distribution.java(), await distribution.jars()
            for _ in range(ATTEMPTS):
                server = cls(lock, java, jars, _nodes(folder, nodes, port))
                if await server._start(_cluster_id(folder, nodes), settings or {}):
                    return server
            raise ServerFailed(f"Kafka does not start on {folder}: its log ends\n{server.log_tail()}")
        except BaseException:
            lock.release()
            raise

    def pid(self, node: int = 1) -> int:
        """The process id of a node."""
        return self._processes[node].pid

    def running(self, node: int = 1) -> bool:
        """Whether the process of a node is alive."""
        return self._processes[node].poll() is None

    def log_tail(self, node: int = 1) -> str:
        """The last lines that a node logged."""
        return process.tail(self._nodes[node].log)

    async def stop(self) -> None:
        """End all brokers in order; a broker that takes too long is killed."""
        await asyncio.gather(*(self._end(node) for node in self._processes))
        self._lock.release()

    async def kill(self, node: int = 1) -> None:
        """End a broker with kill -9."""
        await process.end(self._processes[node], [(signal.SIGKILL, 5)])

    async def restart(self, node: int = 1) -> None:
        """Start a broker that was killed again, and wait until it serves."""
        await self.kill(node)
        self._spawn(self._nodes[node])
        if not await self._serves(self._nodes[node], {node}):
            raise ServerFailed(f"node {node} of Kafka does not start: its log ends\n{self.log_tail(node)}")

    def freeze(self, node: int = 1) -> None:
        """Stop a broker without ending it, as a machine that swaps or a cut network does; returns once it stands."""
        self._processes[node].send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self._processes[node].pid, os.WSTOPPED | os.WNOWAIT)

    def thaw(self, node: int = 1) -> None:
        """Let a frozen broker go on."""
        self._processes[node].send_signal(signal.SIGCONT)

    async def _start(self, cluster_id: str, settings: Mapping[str, str]) -> bool:
        """Whether all brokers serve; if one ends, perhaps because its port was taken meanwhile, all are ended."""
        nodes = list(self._nodes.values())
        for node in nodes:
            process.keep_short(node.log)
            node.configure(nodes, settings)
        try:
            await asyncio.gather(*(self._format(node, cluster_id) for node in nodes))
            for node in nodes:
                self._spawn(node)
            return all(await asyncio.gather(*(self._joins(node) for node in nodes)))
        except BaseException:
            await self._end_all()
            raise

    async def _format(self, node: Node, cluster_id: str) -> None:
        await process.run(node.formatting(self._java, self._jars, cluster_id), within=START_PATIENCE)

    def _spawn(self, node: Node) -> None:
        self._processes[node.number] = process.spawn(node.broker(self._java, self._jars))

    async def _joins(self, node: Node) -> bool:
        """Whether the broker sees all the others; if it ended instead, nobody has to wait for it."""
        joined = await self._serves(node, set(self._nodes))
        if not joined:
            await self._end_all()
        return joined

    async def _serves(self, node: Node, expected: set[int]) -> bool:
        """Whether the broker comes to list the expected ones as alive; False when it ended instead."""
        running = self._processes[node.number]
        deadline = time.monotonic() + START_PATIENCE
        while await process.listening(node.port, running, within=deadline - time.monotonic()):
            if expected <= await _alive(node):
                return True
            await asyncio.sleep(process.POLL)
        if running.poll() is None:
            raise ServerFailed(f"node {node.number} of Kafka is still not ready after {START_PATIENCE:.0f} s")
        return False

    async def _end(self, node: int) -> None:
        self.thaw(node)
        await process.end(self._processes[node], [(signal.SIGTERM, STOP_PATIENCE), (signal.SIGKILL, 5)])

    async def _end_all(self) -> None:
        await asyncio.gather(*(self.kill(node) for node in self._processes))


def _nodes(folder: Path, count: int, port: int | None) -> list[Node]:
    ports = process.free_ports(2 * count)
    brokers = ports[:count] if port is None else list(range(port, port + count))
    pairs = zip(brokers, ports[count:], strict=True)
    return [
        Node(number=number, folder=folder / f"node-{number}", port=broker, controller_port=controller)
        for number, (broker, controller) in enumerate(pairs, start=1)
    ]


def _cluster_id(folder: Path, nodes: int) -> str:
    """The name of the cluster that lives in the folder, new if the folder is."""
    file = folder / "cluster.json"
    if not file.exists():
        name = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        file.write_text(json.dumps({"id": name, "nodes": nodes}), encoding="utf-8")
    known = json.loads(file.read_text(encoding="utf-8"))
    if known["nodes"] != nodes:
        raise ServerFailed(f"the Kafka on {folder} has {known['nodes']} nodes and cannot be started with {nodes}")
    return str(known["id"])


async def _alive(node: Node) -> set[int]:
    """The brokers that a broker knows to be alive."""
    client = AIOKafkaClient(bootstrap_servers=node.address, request_timeout_ms=5000)
    try:
        await client.bootstrap()
        return {broker.nodeId for broker in client.cluster.brokers()}
    except KafkaError:
        return set()
    finally:
        await client.close()
