"""Where the example scenario's files are."""

from pathlib import Path

OBSERVER = "observer.yaml"
GENERATION = "generation_configuration.yaml"
PASSTHROUGH_JOB = "passthrough_visits_processor_job.py"
OBSERVATION_JOB = "data_observation_job.py"


def scenario_folder() -> Path:
    """The folder of the visits scenario: beside this file in a wheel, `examples/visits` in the repository."""
    here = Path(__file__).resolve()
    in_wheel = here.parent / "visits_scenario"
    return in_wheel if in_wheel.is_dir() else here.parents[3] / "examples" / "visits"
