"""How long a look at a checkpoint takes when its history is long, against listing its two folders alone.

Prints one JSON object: seconds of each, best of several rounds, and the ratio.
"""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from offline_observer.checkpoint.folder import CheckpointFolder

BATCHES = 50_000
ROUNDS = 5


def make_checkpoint(folder: Path) -> None:
    (folder / "metadata").write_text('{"id":"00000000-0000-0000-0000-000000000000"}')
    for name in ("offsets", "commits"):
        (folder / name).mkdir()
    for batch in range(BATCHES):
        offsets = f'v1\n{{"batchTimestampMs":1}}\n{{"visits":{{"0":{batch}}}}}'
        (folder / "offsets" / str(batch)).write_text(offsets)
        (folder / "commits" / str(batch)).write_text('v1\n{"nextBatchWatermarkMs":0}')


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        make_checkpoint(folder)
        reader = CheckpointFolder(str(folder))
        listing = min(
            seconds(lambda: [os.listdir(folder / part) for part in ("commits", "offsets")])
            for _ in range(ROUNDS)
        )
        reading = min(seconds(reader.read) for _ in range(ROUNDS))
    result = {
        "benchmark": "a look at a checkpoint folder",
        "files": 2 * BATCHES,
        "seconds": {"look": round(reading, 4), "list alone": round(listing, 4)},
        "look / list alone": round(reading / listing, 2),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
