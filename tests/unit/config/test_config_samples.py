from typing import Any

import pytest
from pydantic import ValidationError

from offline_observer.config.model import Dataset


def dataset(**more: Any) -> Dataset:
    return Dataset.model_validate({"topic": "t", **more})


def test_places_are_kept_and_nothing_is_masked_unless_it_is_said() -> None:
    assert (dataset().samples, dataset().mask) == ("places", ())
    made = dataset(samples="content", mask=["context.user.ip", "a"])
    assert (made.samples, made.mask) == ("content", ("context.user.ip", "a"))


@pytest.mark.parametrize("samples", ["contents", "", None, True, ["content"]])
def test_samples_refused(samples: object) -> None:
    with pytest.raises(ValidationError, match="'places' or 'content'"):
        dataset(samples=samples)


@pytest.mark.parametrize("mask", ["a", [""], ["a."], [5], None, {"a": 1}])
def test_masks_refused(mask: object) -> None:
    with pytest.raises(ValidationError):
        dataset(mask=mask)


@pytest.mark.parametrize(
    "path", ["user_id", "context", "context.user", "context.user.ip", "extra.any.thing", "items.email"]
)
def test_a_mask_on_a_declared_field_or_inside_one_that_may_hold_anything(path: str) -> None:
    fields = {"user_id": "string", "context.user.ip": "string", "extra": "object", "items": "array"}
    assert dataset(fields=fields, mask=[path]).mask == (path,)


@pytest.mark.parametrize("path", ["usr_id", "context.usr", "user_id.x", "context.other"])
def test_a_mask_on_an_unknown_field(path: str) -> None:
    fields = {"user_id": "string", "context": "object", "context.user.ip": "string"}
    with pytest.raises(ValidationError) as caught:
        dataset(fields=fields, mask=["user_id", path])
    assert f"mask[1]: the field '{path}' is not among the dataset's fields; did you mean" in str(caught.value)


def test_no_rule_may_be_called_as_what_cannot_be_parsed_is() -> None:
    with pytest.raises(ValidationError, match="two rules would both be broken_unparseable"):
        dataset(rules=[{"not_empty": ["a"], "name": "unparseable"}])


def test_two_newest_times_of_one_name() -> None:
    def rules(*fields: str) -> list[dict[str, Any]]:
        return [
            {"freshness": {"max_age": "1m", "field": field}, "name": f"rule {number}"}
            for number, field in enumerate(fields)
        ]

    assert len(dataset(rules=rules("", "a.b", "a.b")).rule_list()) == 3
    for pair in (("", "record"), ("a.b", "a_b")):
        with pytest.raises(ValidationError, match="two newest times would both be newest_"):
            dataset(rules=rules(*pair))
