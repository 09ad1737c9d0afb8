"""A checkpoint that a test writes itself, batch by batch, at times of its own."""

import json
import os
import time
from collections.abc import Mapping
from pathlib import Path


class WrittenCheckpoint:
    """A checkpoint in Spark's format, version 1, of one source."""

    def __init__(self, folder: Path, query_id: str = "query-1") -> None:
        self.folder = folder
        for name in ("offsets", "commits"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / "metadata").write_text(json.dumps({"id": query_id}))

    def plan(self, batch: int, offsets: Mapping[str, Mapping[int, int]], at: float | None = None) -> None:
        """Writes `offsets/N`; `at` is in seconds since 1970."""
        milliseconds = int((time.time() if at is None else at) * 1000)
        metadata = json.dumps({"batchWatermarkMs": 0, "batchTimestampMs": milliseconds})
        (self.folder / "offsets" / str(batch)).write_text(f"v1\n{metadata}\n{json.dumps(offsets)}")

    def commit(self, batch: int, at: float | None = None) -> None:
        """Writes `commits/N`."""
        path = self.folder / "commits" / str(batch)
        path.write_text('v1\n{"nextBatchWatermarkMs":0}')
        if at is not None:
            os.utime(path, (at, at))

    def batch(self, batch: int, offsets: Mapping[str, Mapping[int, int]], at: float | None = None) -> None:
        """A whole batch, planned and committed."""
        self.plan(batch, offsets, at)
        self.commit(batch, at)
