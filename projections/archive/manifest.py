"""Which files the archive is: named in one file, swapped at once. What it doesn't name, isn't.

Everything is read through a file system of pyarrow, so that it may lie in an object store.
"""

import re
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa
from msgspec import Struct
from pyarrow import fs

from ledger.errors import StoreError
from projections.archive.schema import SCHEMA

NAME = "manifest.json"
FORMAT = "penalty-ledger archive"
MENDED = "`project --parquet` into an empty directory makes it anew"


class File(Struct, frozen=True):
    """A Parquet file as it was written."""

    rows: int
    bytes: int
    sha256: str


class Said(Struct, frozen=True, omit_defaults=True):
    """What facts of one type in one row group of `facts` give: some rows of `details`."""

    type: str
    rows: int
    fields: tuple[str, ...]
    """The columns that are not null throughout."""
    first: int = 0
    """Where they begin in their row group; 0 is another row group than that of the type before."""


class Group(Struct, frozen=True):
    """A row group of `facts`, whole creators, and those of `details` that belong to it."""

    partition: int
    facts: int
    details: tuple[Said, ...]
    first: str
    """The first creator in the order of code points, and the last."""
    last: str


class Segment(Struct, frozen=True):
    """`facts/NAME.parquet` and `details/NAME.parquet`."""

    name: str
    base: bool
    """Its facts are all that its partition had; else they were added later."""
    facts: File
    details: File
    groups: tuple[Group, ...]


class Log(Struct, frozen=True):
    """Up to where of which log: its end then, and the hash that stood there."""

    position: int
    creators: int
    hash: str


class Manifest(Struct, frozen=True):
    """The archive."""

    format: str
    schema: int
    program: str
    partitions: int
    serial: int
    """Of the last segment."""
    log: Log
    segments: tuple[Segment, ...]


def encode(manifest: Manifest) -> bytes:
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"


def paths(segment: Segment) -> dict[str, File]:
    """{path below the archive: what lies there}."""
    return {
        f"facts/{segment.name}.parquet": segment.facts,
        f"details/{segment.name}.parquet": segment.details,
    }


SECRET = re.compile(r"(?<=://).*@|\?.*", re.DOTALL)
"""What of a URL is shown to nobody."""


class Place(NamedTuple):
    """Where an archive is."""

    system: Any
    path: str
    url: str

    def at(self, name: str) -> str:
        return f"{self.path}/{name}"

    @property
    def shown(self) -> str:
        """The URL without keys and options: those of an object store may be in it."""
        return SECRET.sub("", self.url) if "://" in self.url else self.url


def place(url: str) -> Place:
    """A directory, or a URL of an object store as pyarrow or fsspec know it."""
    scheme, colon, rest = url.partition("://")
    try:
        if not colon:
            return Place(fs.LocalFileSystem(), url.rstrip("/") or "/", url)
        try:
            system, path = fs.FileSystem.from_uri(url)
        except pa.ArrowInvalid:
            import fsspec  # only where pyarrow knows no such scheme

            handler = fs.FSSpecHandler(fsspec.filesystem(scheme))
            system, path = fs.PyFileSystem(handler), rest
    except (pa.ArrowException, ImportError, ValueError, OSError) as error:
        said = "its URL can't be read" if SECRET.search(url) else error  # which may quote it
        raise StoreError(f"the place of the archive can't be reached: {said}") from error
    return Place(system, path.rstrip("/"), url)


def read(at: Place) -> Manifest:
    """Raises StoreError, in one sentence, where there is no archive that this program reads."""
    try:
        with at.system.open_input_stream(at.at(NAME)) as file:
            data = file.read()
    except FileNotFoundError:
        raise StoreError(
            f"there is no archive at {at.shown!r}: `project --parquet` makes one"
        ) from None
    except OSError as error:
        raise StoreError(f"the archive at {at.shown!r} can't be read: {error}") from error
    return decode(data, at.shown)


def decode(data: bytes, url: str) -> Manifest:
    class Head(Struct):
        format: str
        schema: int

    try:
        head = msgspec.json.decode(data, type=Head)
        if head.format != FORMAT:
            raise StoreError(f"{url!r} holds another thing than an archive: name another place")
        if head.schema > SCHEMA:
            raise StoreError(
                f"the archive at {url!r} was written by a newer version of this program (schema "
                f"{head.schema}, this one knows {SCHEMA}): upgrade it to read this archive"
            )
        if head.schema < SCHEMA:
            raise StoreError(
                f"the archive at {url!r} was written by an older version of this program (schema "
                f"{head.schema}, this one reads {SCHEMA}): {MENDED}"
            )
        return msgspec.json.decode(data, type=Manifest)
    except msgspec.DecodeError as error:
        raise StoreError(
            f"the manifest of the archive at {url!r} is damaged ({error}): {MENDED}"
        ) from error
