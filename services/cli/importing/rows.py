"""A file of purchases or events, read line by line: CSV with a header or NDJSON, packed with gzip or not."""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

from msgspec import DecodeError, json

from shared.domain.errors import LifestageError

LONGEST: Final = 1_000_000
"""Characters of a line; a file with longer ones is not what it seems to be."""

_GZIP: Final = b"\x1f\x8b"
_BOM: Final = b"\xef\xbb\xbf"
_DELIMITERS: Final = ",;\t|"
_PEEKED: Final = 8192


class BadFile(LifestageError):
    """The file cannot be read as what it is taken for."""

    code = "bad_file"


class Row(NamedTuple):
    """One row: where it stands in the file, and its members, or what is wrong with it."""

    number: int
    members: dict[str, Any] | None
    trouble: str | None = None


class File:
    """A file being read. Only the line at hand is held in memory."""

    def __init__(self, path: Path, encoding: str = "utf-8") -> None:
        self.path = path
        self._raw = path.open("rb")
        self.size = path.stat().st_size
        packed = self._raw.read(2) == _GZIP
        self._raw.seek(0)
        unpacked = gzip.GzipFile(fileobj=self._raw) if packed else self._raw
        self._bytes = io.BufferedReader(cast(io.RawIOBase, unpacked), _PEEKED)
        with self._trouble():
            self._start = self._bytes.peek(_PEEKED).removeprefix(_BOM).lstrip()
            self._text = io.TextIOWrapper(self._bytes, "utf-8-sig" if encoding == "utf-8" else encoding, newline="")
        self.is_csv = not self._start.startswith((b"{", b"["))

    @property
    def done(self) -> int:
        """How many bytes of the file have been read."""
        return self._raw.tell()

    def close(self) -> None:
        """Let the file go."""
        self._bytes.close()
        self._raw.close()

    def header(self) -> Sequence[str] | None:
        """The columns of a CSV file, None of NDJSON. Call it once, before the rows."""
        if self._start.startswith(b"["):
            raise BadFile(f"{self.path} holds a JSON array: one JSON object a line (NDJSON) is accepted")
        if not self._start:
            raise BadFile(f"{self.path} is empty")
        if not self.is_csv:
            return None
        first = self._start.split(b"\n", 1)[0].decode(errors="replace")
        delimiter = max(_DELIMITERS, key=first.count)
        self._csv = csv.reader(self._lines(), delimiter=delimiter, strict=True)
        with self._trouble():
            self._columns = [name.strip() for name in next(self._csv)]
        return self._columns

    def rows(self) -> Iterator[Row]:
        """The rows in the order of the file. Raises BadFile where it cannot go on."""
        with self._trouble():
            yield from self._csv_rows() if self.is_csv else self._objects()

    @contextmanager
    def _trouble(self) -> Iterator[None]:
        """Say which file it is that cannot be read."""
        try:
            yield
        except (UnicodeDecodeError, LookupError, csv.Error, EOFError, gzip.BadGzipFile, zlib.error) as error:
            self.close()
            raise BadFile(f"{self.path} cannot be read on: {error}") from error

    def _csv_rows(self) -> Iterator[Row]:
        columns = self._columns
        for values in self._csv:
            if not values:
                continue
            trouble = None
            if len(values) != len(columns):
                trouble = f"the row has {len(values)} values, the header {len(columns)} columns"
            yield Row(self._csv.line_num, dict(zip(columns, values, strict=False)), trouble)

    def _objects(self) -> Iterator[Row]:
        for number, line in enumerate(self._lines(), start=1):
            if not line.strip():
                continue
            try:
                members = json.decode(line)
            except (DecodeError, RecursionError) as error:
                yield Row(number, None, f"the line is not JSON: {error}")
                continue
            trouble = None if isinstance(members, dict) else "the line is not a JSON object"
            yield Row(number, None if trouble else members, trouble)

    def _lines(self) -> Iterator[str]:
        while line := self._text.readline(LONGEST):
            if len(line) == LONGEST and not line.endswith("\n"):
                raise BadFile(f"{self.path} has a line of more than {LONGEST} characters")
            yield line
