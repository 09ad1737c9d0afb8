"""How long a look at a checkpoint takes when its history is long, against listing its two folders alone."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from benchmarks.measuring import AsJson, Rounds, interleaved, ratio, seconds, show
from offline_observer.checkpoint.folder import CheckpointFolder


def make_checkpoint(folder: Path, batches: int) -> None:
    (folder / "metadata").write_text('{"id":"00000000-0000-0000-0000-000000000000"}')
    for name in ("offsets", "commits"):
        (folder / name).mkdir()
    for batch in range(batches):
        offsets = f'v1\n{{"batchTimestampMs":1}}\n{{"visits":{{"0":{batch}}}}}'
        (folder / "offsets" / str(batch)).write_text(offsets)
        (folder / "commits" / str(batch)).write_text('v1\n{"nextBatchWatermarkMs":0}')


def main(
    *,
    batches: Annotated[int, typer.Option(min=1, help="Batches in the checkpoint, two files each.")] = 50_000,
    rounds: Rounds = 5,
    as_json: AsJson = False,
) -> None:
    """Measure a look at a long checkpoint beside a listing of its folders."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        make_checkpoint(folder, batches)
        reader = CheckpointFolder(name)

        def list_alone() -> None:
            for part in ("commits", "offsets"):
                os.listdir(folder / part)

        taken = interleaved(rounds, {"look": reader.read, "list": list_alone})
    result = {
        "benchmark": "checkpoint_folder",
        "files": 2 * batches,
        "rounds": rounds,
        **seconds(taken),
        "ratio": ratio(taken, above="look", below="list"),
    }
    show(result, as_json=as_json)


if __name__ == "__main__":
    typer.run(main)
