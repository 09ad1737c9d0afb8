"""The one kernel that every engine runs: record values in, a summary out (pure)."""

from collections.abc import Callable, Iterable, Sequence

from offline_observer.quality.record import quick_decoder
from offline_observer.quality.rules import RULES, FieldRule, Rule
from offline_observer.quality.summary import Summary

Kernel = Callable[[Iterable[bytes | None]], Summary]
"""Takes the values of records (None is a tombstone) and returns their summary."""


def make_kernel(rules: Sequence[Rule]) -> Kernel:
    """Builds the kernel for a dataset's rules.

    Args:
        rules: Rules whose names are in the registry.

    Raises:
        KeyError: A rule's name is not in the registry (the configuration refuses it before).
    """
    checks: dict[str, list[FieldRule]] = {}
    for rule in rules:
        checks.setdefault(rule.field, []).append(RULES[rule.name])
    fields = list(checks)
    decode = quick_decoder(fields)
    plan = [(index, tuple(checks[path])) for index, path in enumerate(fields)]

    def kernel(values: Iterable[bytes | None]) -> Summary:
        all_events = unparseable = tombstones = 0
        invalid = [0] * len(fields)
        for value in values:
            all_events += 1
            if value is None:
                tombstones += 1
                continue
            record = decode(value)
            if record is None:
                unparseable += 1
                continue
            for index, field_checks in plan:
                field = record[index]
                for check in field_checks:
                    if not check(field):
                        invalid[index] += 1
                        break
        return Summary(
            all_events=all_events,
            unparseable=unparseable,
            tombstones=tombstones,
            invalid=dict(zip(fields, invalid, strict=True)),
        )

    return kernel
