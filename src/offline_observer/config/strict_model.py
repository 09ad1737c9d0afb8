"""What all models of the configuration have in common."""

from pydantic import BaseModel, ConfigDict


class StrictModel(BaseModel):
    """Base of the models: unknown keys are errors, nothing changes, errors do not repeat their input."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
