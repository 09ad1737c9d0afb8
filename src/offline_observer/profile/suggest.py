"""Rules that a profile of records speaks for, each with its evidence (pure).

Rules on the dataset (`row_count`, `freshness`, `invalid_ratio`) are not among them: a profile knows neither when records
come nor which of them are faulty.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from offline_observer.observation import broken_name
from offline_observer.profile.field_proposals import proposals
from offline_observer.profile.profile import Profile
from offline_observer.profile.proposal import Proposal
from offline_observer.profile.seen_types import nameable_paths
from offline_observer.quality.field_tree import parents, with_parents
from offline_observer.quality.field_types import FieldType
from offline_observer.quality.rules.parse import parse_rules
from offline_observer.quality.rules.rule import Rule
from offline_observer.quality.summary import UNPARSEABLE, Summary

# In which they are listed: what a field must be first, then what its values are like.
_ORDER = ("not_empty", "present", "type", "timestamp", "one_of", "matches", "range", "length", "unique")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An entry for the rules of a dataset.

    Attributes:
        rule: The entry as `rules` in a configuration has it: the rule's name with its fields, and `severity: warn`.
        evidence: A sentence of what speaks for it, with figures. It may show values, never of a masked field.
        fields: The fields that it is for.
        broken: How many of the seen records break it all the same, as the evidence says.
    """

    rule: Mapping[str, object]
    evidence: str
    fields: tuple[str, ...]
    broken: int = 0


def suggestions(
    profile: Profile, declared: Mapping[str, FieldType], existing: Collection[Rule]
) -> list[Suggestion]:
    """The rules that a profile speaks for and that are not there yet.

    No profiled record breaks one of them, with three exceptions whose evidence says so: `matches` where only some of the
    values are known, `unique` of more than a thousand values, which are counted by a sketch, and a rule that only blank
    texts break. To have none that is
    broken, run `suggested_rules` over the same records, and take those `that_hold`.

    Args:
        profile: The profile.
        declared: The dataset's `fields`; then rules are for these alone. Empty: for all fields of the profile.
        existing: The dataset's rules.

    Returns:
        The suggestions, by rule. With the dataset's own fields and rules they make a valid configuration.
    """
    known = with_parents(declared)
    taken: dict[str, set[str]] = {}
    for rule in existing:
        taken.setdefault(rule.field, set()).add(rule.name)
    ids = {broken_name(UNPARSEABLE), *(broken_name(rule.id) for rule in existing)}
    found: list[tuple[str, Proposal]] = []
    for path in nameable_paths(profile.fields, (*known, *filter(None, taken))):
        if known and path not in known:
            continue
        for proposal in proposals(path, profile.fields[path], known.get(path), taken.get(path, ())):
            name = broken_name(f"{path}.{proposal.name}")
            if name not in ids:
                ids.add(name)
                found.append((path, proposal))
    return _entries(_without_what_follows(found, existing))


def _without_what_follows(
    found: Sequence[tuple[str, Proposal]], existing: Collection[Rule]
) -> list[tuple[str, Proposal]]:
    """Without that an object must be there, where a field inside of it must."""
    there = ("not_empty", "present")
    required = [path for path, one in found if one.name in there]
    required += [rule.field for rule in existing if rule.name in there]
    around = {parent for path in required for parent in parents(path)}
    return [(path, one) for path, one in found if path not in around or one.name not in (*there, "type")]


def _entries(found: Sequence[tuple[str, Proposal]]) -> list[Suggestion]:
    """One entry for all fields of which the same can be said."""
    together: dict[tuple[str, str, str, int, bool], dict[str, object]] = {}
    for path, one in sorted(found, key=lambda pair: _ORDER.index(pair[1].name)):
        key = (one.name, one.severity, one.evidence, one.broken, one.argument is None)
        together.setdefault(key, {})[path] = one.argument
    return [
        _suggestion(name, list(fields) if is_list else fields, severity, evidence, broken)
        for (name, severity, evidence, broken, is_list), fields in together.items()
    ]


def _suggestion(
    name: str, fields: Sequence[str] | Mapping[str, object], severity: object, evidence: str, broken: int
) -> Suggestion:
    rule = {name: fields} if severity == "error" else {name: fields, "severity": severity}
    return Suggestion(rule, evidence, tuple(fields), broken)


def suggested_rules(suggested: Sequence[Suggestion]) -> list[Rule]:
    """The rules of some suggestions, one for each field, as a kernel takes them.

    Raises:
        ValueError: One is not as a configuration has it.
    """
    rules, problems = parse_rules([dict(one.rule) for one in suggested], lambda _, __: "known")
    if problems:
        raise ValueError("; ".join(text for _, text in problems))
    return [rule for _, rule in rules]


def that_hold(suggested: Sequence[Suggestion], summary: Summary) -> list[Suggestion]:
    """The suggestions that no record broke but those that the evidence tells, each for the fields of which that is true.

    Args:
        suggested: The suggestions.
        summary: What a kernel that had `suggested_rules` of them found.
    """
    kept = []
    for one in suggested:
        ((name, fields),) = [pair for pair in one.rule.items() if pair[0] != "severity"]
        severity = one.rule.get("severity", "error")
        holding = [path for path in one.fields if _holds(f"{path}.{name}", summary, one.broken)]
        if holding:
            left = {path: fields[path] for path in holding} if isinstance(fields, Mapping) else holding
            kept.append(_suggestion(name, left, severity, one.evidence, one.broken))
    return kept


def _holds(rule: str, summary: Summary, broken: int) -> bool:
    values = summary.distinct.get(rule)
    return summary.broken.get(rule, 0) <= broken and (values is None or not values.repeated)
