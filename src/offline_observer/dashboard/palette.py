"""The colours of the page's charts (pure).

Okabe and Ito's, which colour-blind people can tell: https://jfly.uni-koeln.de/color/. Nothing is told by colour alone: lines are
dashed besides, and a status has a sign and a word.
"""

from collections.abc import Mapping

LINES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#808080")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")

# From the mildest to the worst, as `lag/status.py` and `quality/verdict.py` have them.
STATUS_COLOURS: Mapping[str, str] = {
    "ok": "#009E73",
    "starting": "#56B4E9",
    "lagging": "#E69F00",
    "warn": "#E69F00",
    "unknown": "#808080",
    "stalled": "#D55E00",
    "rewound": "#CC79A7",
    "data_loss": "#B2182B",
    "error": "#D55E00",
}
SIGNS: Mapping[str, str] = {
    "ok": "✓",
    "starting": "…",
    "lagging": "▲",
    "warn": "▲",
    "unknown": "?",
    "stalled": "■",
    "rewound": "↺",
    "data_loss": "✕",
    "error": "✕",
    "silent": "?",
}

ALERT_SIGNS: Mapping[str, str] = {
    "normal": "✓",
    "pending": "…",
    "firing": "■",
    "recovering": "▲",
    "no_data": "?",
}

# Viridis: as bright as it is much, in every kind of sight.
HEAT = (
    (0.0, "#440154"),
    (0.25, "#3b528b"),
    (0.5, "#21918c"),
    (0.75, "#5ec962"),
    (1.0, "#fde725"),
)


def line(number: int) -> tuple[str, str]:
    """The colour and the dash of a line, by its number: no two among the first 35 are the same."""
    return LINES[number % len(LINES)], DASHES[number // len(LINES) % len(DASHES)]
