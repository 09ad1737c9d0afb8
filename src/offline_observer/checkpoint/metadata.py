"""Parser of a checkpoint's `metadata`: the id of the query that writes it (pure)."""

from typing import Annotated

import msgspec

from offline_observer.checkpoint.kafka_json import MALFORMED
from offline_observer.errors import CheckpointError


class _StreamMetadata(msgspec.Struct):
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[!-~]+$")]


_decoder = msgspec.json.Decoder(_StreamMetadata)


def parse_query_id(content: bytes) -> str:
    """Parses `metadata`: `{"id":"<query uuid>"}`, as written by Spark's `StreamMetadata`.

    Args:
        content: All bytes of the file.

    Returns:
        The query's id. It stays over restarts; another id means that the checkpoint was made anew.

    Raises:
        CheckpointError: The file is empty, cut off or not Spark's.
    """
    if not content:
        raise CheckpointError("The file is empty.")
    try:
        return _decoder.decode(content).id
    except MALFORMED as error:
        raise CheckpointError(f'The file is not Spark\'s {{"id": …}}: {error}.') from error
