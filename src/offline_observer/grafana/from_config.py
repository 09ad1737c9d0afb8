"""What the files for Grafana are made of, from a configuration."""

from offline_observer.config.export import SearchExport
from offline_observer.config.model import Config
from offline_observer.errors import ConfigError
from offline_observer.grafana.observed import Login, Observed


def observed(config: Config, index: str | None) -> Observed:
    """What the files are made of.

    Args:
        config: The configuration.
        index: What the names of the indices begin with, where Grafana does not see them as the exporter writes them, or the
            configuration names no exporter.

    Raises:
        ConfigError: The configuration says of no Elasticsearch, and no index is given.
    """
    exporter = config.export.elasticsearch
    if index is None:
        if exporter is None:
            raise ConfigError(_what_is_missing(config))
        index = config.index_of(exporter)
    return Observed(
        name=config.name,
        index=index,
        watched=config.watched(),
        rules=config.alert_rules(),
        login=_login(exporter),
        has_own_authority=exporter is not None and bool(exporter.ca_file or exporter.ca_fingerprint),
    )


def _login(exporter: SearchExport | None) -> Login:
    if exporter is None:
        return Login.NONE
    if exporter.api_key is not None:
        return Login.API_KEY
    return Login.PASSWORD if exporter.username is not None else Login.NONE


def _what_is_missing(config: Config) -> str:
    text = (
        "Grafana shows what is in Elasticsearch, and the configuration sends nothing there; add export: {elasticsearch: "
        '{url: "http://localhost:9200"}}, or name the index that it is to show: --index NAME'
    )
    if config.export.opensearch is not None:
        text += " (OpenSearch has a data source of its own in Grafana, for which no files are made)"
    return text
