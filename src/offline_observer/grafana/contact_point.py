"""Where alerts are sent: a webhook as a start, and the policy that names it (pure)."""

from offline_observer.grafana.observed import Json, Observed
from offline_observer.grafana.uids import uid


def notifications(observed: Observed) -> Json:
    """The file of the contact point and the notification policy."""
    name = f"{observed.name} webhook"
    receiver = {
        "uid": uid(observed.name, "webhook"),
        "type": "webhook",
        "disableResolveMessage": False,
        "settings": {"url": "$ALERT_WEBHOOK_URL", "httpMethod": "POST"},
    }
    return {
        "apiVersion": 1,
        "contactPoints": [{"orgId": 1, "name": name, "receivers": [receiver]}],
        "policies": [
            {
                "orgId": 1,
                "receiver": name,
                "group_by": ["grafana_folder", "alertname"],
                "group_wait": "10s",
                "group_interval": "1m",
                "repeat_interval": "4h",
            }
        ],
    }
