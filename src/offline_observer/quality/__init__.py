"""From record bytes to counts: decoding, rules, mergeable summaries (pure)."""
