"""The rule `matches` (pure)."""

import re
import warnings

from offline_observer.quality.rules.registry import Holds, field_rule


@field_rule("matches")
def matches(pattern: str, /) -> Holds:
    r"""The whole text matches a regular expression (Python's `re`, as `re.fullmatch`).

    Put `.*` around a pattern that may stand anywhere. What is not a text breaks the rule. Missing and null hold.

    Example:
        rules:
          - matches: {context.user.ip: '[0-9]{1,3}(\.[0-9]{1,3}){3}'}
    """
    try:
        with warnings.catch_warnings():
            # Python warns of what may mean something else in a later version; it is no error in this one.
            warnings.simplefilter("ignore")
            compiled = re.compile(pattern)
    except RecursionError:
        raise ValueError("expected a regular expression that is not nested so deeply") from None
    except (re.error, OverflowError) as error:
        raise ValueError(f"expected a regular expression ({error})") from None
    fullmatch = compiled.fullmatch

    def holds(value: object) -> bool:
        return isinstance(value, str) and fullmatch(value) is not None

    return holds
