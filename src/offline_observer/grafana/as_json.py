"""What the typed builders make, as plain values (pure)."""

import json

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.encoder import JSONEncoder


def as_json(built: Builder[object] | object) -> dict[str, object]:
    """The plain values of something built, or of a builder."""
    made = built.build() if isinstance(built, Builder) else built
    found: dict[str, object] = json.loads(JSONEncoder().encode(made))
    return found
