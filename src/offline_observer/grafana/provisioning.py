"""The folder that Grafana is provisioned from: its files, each with what it says (pure)."""

from dataclasses import dataclass

from offline_observer.grafana.alert_rules import alert_rules
from offline_observer.grafana.contact_point import notifications
from offline_observer.grafana.dashboard import dashboard_json
from offline_observer.grafana.data_sources import data_sources
from offline_observer.grafana.observed import Json, Login, Observed
from offline_observer.grafana.uids import uid

_LOGINS = {
    Login.NONE: (),
    Login.PASSWORD: ("$ELASTICSEARCH_USERNAME", "$ELASTICSEARCH_PASSWORD"),
    Login.API_KEY: ("$ELASTICSEARCH_API_KEY",),
}


def made_by(name: str) -> str:
    """Stands in each file of an observer; by it a file is known that may be overwritten."""
    return f"Made by `offline-observer grafana` for the observer {name}:"


@dataclass(frozen=True, slots=True)
class ProvisioningFile:
    """A file.

    Attributes:
        path: Its path in the folder, with `/`.
        content: What it says, as plain values.
        remarks: Lines of comment on top of a YAML file.
    """

    path: str
    content: Json
    remarks: tuple[str, ...] = ()


def provisioning_files(observed: Observed) -> tuple[ProvisioningFile, ...]:
    """All files.

    Those of several observers fit into one folder, but for the rules and the notifications: their names are the same for all.
    """
    name = observed.name
    again = f"{made_by(name)} it is overwritten. Change the configuration, and make it again."
    certificate = ("$ELASTICSEARCH_CA_CERT",) if observed.has_own_authority else ()
    variables = ("$ELASTICSEARCH_URL", *_LOGINS[observed.login], *certificate)
    return (
        ProvisioningFile(
            f"provisioning/datasources/{name}.yaml",
            data_sources(observed),
            (again, f"From Grafana's environment: {', '.join(variables)}"),
        ),
        ProvisioningFile(
            f"provisioning/dashboards/{name}.yaml",
            _provider(observed),
            (again, "From Grafana's environment: $DASHBOARDS_PATH, the folder with the dashboard's JSON"),
        ),
        ProvisioningFile(f"dashboards/{name}.json", dashboard_json(observed, again)),
        ProvisioningFile("provisioning/alerting/rules.yaml", alert_rules(observed), (again,)),
        ProvisioningFile(
            "provisioning/alerting/notifications.yaml",
            notifications(observed),
            (
                again,
                "From Grafana's environment: $ALERT_WEBHOOK_URL",
                "The policies replace all that the organisation has. If it has some, leave this file out, and route by the",
                "labels `observer` and `severity`.",
            ),
        ),
    )


def _provider(observed: Observed) -> Json:
    return {
        "apiVersion": 1,
        "providers": [
            {
                "name": observed.name,
                "orgId": 1,
                "folder": observed.name,
                "folderUid": uid(observed.name),
                "type": "file",
                "disableDeletion": True,
                "allowUiUpdates": False,
                "updateIntervalSeconds": 10,
                "options": {"path": "$DASHBOARDS_PATH", "foldersFromFilesStructure": False},
            }
        ],
    }
