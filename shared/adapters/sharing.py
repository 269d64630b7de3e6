"""Who of several workers should have which partitions: evenly, and moving as few as possible."""

from collections.abc import Collection, Mapping


def shared_out(partitions: int, workers: Collection[str], held: Mapping[int, str]) -> dict[int, str]:
    """The worker of every partition, given who holds which now. Everyone who sees the same arrives at the same.

    Nobody has more than one partition above anybody else, and a worker gives up only what is above its share.
    """
    if not workers:
        return {}
    keeping: dict[str, list[int]] = {worker: [] for worker in workers}
    for partition, worker in sorted(held.items()):
        if worker in keeping and partition < partitions:
            keeping[worker].append(partition)
    shares = _shares(partitions, keeping)
    target = {partition: worker for worker, share in shares.items() for partition in keeping[worker][:share]}
    free = (partition for partition in range(partitions) if partition not in target)
    wanting = (worker for worker, share in shares.items() for _ in range(share - len(keeping[worker])))
    return {**target, **dict(zip(free, wanting, strict=True))}


def _shares(partitions: int, keeping: Mapping[str, Collection[int]]) -> dict[str, int]:
    """How many partitions each worker should have; the odd ones stay with those who have most already."""
    ranked = sorted(keeping, key=lambda worker: (-len(keeping[worker]), worker))
    each, odd = divmod(partitions, len(ranked))
    return {worker: each + (rank < odd) for rank, worker in enumerate(ranked)}
