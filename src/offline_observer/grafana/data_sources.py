"""The data sources: one for each kind of document (pure).

One over all kinds would mix them, and an average or a count would be wrong.
"""

from enum import Enum

from offline_observer.export.index_names import alias_of
from offline_observer.grafana.observed import Json, Login, Observed
from offline_observer.grafana.spans import span
from offline_observer.grafana.uids import uid

TIME_FIELD = "@timestamp"


class Source(Enum):
    """A data source, by the kind of its documents."""

    OBSERVATIONS = "observation"
    PARTITIONS = "partition"
    PROFILES = "profile"

    def uid(self, observed: Observed) -> str:
        """Its id."""
        return uid(observed.name, f"{self.value}s")


_NAMES = {
    Source.OBSERVATIONS: "observations",
    Source.PARTITIONS: "observations per partition",
    Source.PROFILES: "profiles",
}


def data_sources(observed: Observed) -> Json:
    """The file of the data sources. None is the default one: an organisation may have only one such."""
    return {"apiVersion": 1, "datasources": [_data_source(observed, source) for source in Source]}


def _data_source(observed: Observed, source: Source) -> Json:
    alias = alias_of(observed.index, source.value)
    made: dict[str, object] = {
        "name": f"{observed.name} {_NAMES[source]}",
        "uid": source.uid(observed),
        "type": "elasticsearch",
        "access": "proxy",
        "url": "$ELASTICSEARCH_URL",
        # Grafana 9 reads the index from `database`, newer ones from jsonData.index.
        "database": alias,
        "editable": False,
    }
    settings: dict[str, object] = {
        "index": alias,
        "timeField": TIME_FIELD,
        "esVersion": "8.0.0",
        "timeInterval": span(observed.watched.tick),
        "maxConcurrentShardRequests": 5,
    }
    secrets: dict[str, object] = {}
    if observed.login is Login.PASSWORD:
        made["basicAuth"] = True
        made["basicAuthUser"] = "$ELASTICSEARCH_USERNAME"
        secrets["basicAuthPassword"] = "$ELASTICSEARCH_PASSWORD"
    if observed.login is Login.API_KEY:
        settings["httpHeaderName1"] = "Authorization"
        secrets["httpHeaderValue1"] = "ApiKey $ELASTICSEARCH_API_KEY"
    if observed.has_own_authority:
        settings["tlsAuthWithCACert"] = True
        secrets["tlsCACert"] = "$ELASTICSEARCH_CA_CERT"
    made["jsonData"] = settings
    if secrets:
        made["secureJsonData"] = secrets
    return made
