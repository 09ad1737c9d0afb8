from pathlib import Path

import pytest

from offline_observer.demo.java import Java
from offline_observer.demo.search_program import _fingerprint, _is_part, _lay_out, check_java
from offline_observer.demo.search_release import (
    ELASTICSEARCH_8,
    ELASTICSEARCH_9,
    OPENSEARCH,
    SOURCES,
    SearchRelease,
)
from offline_observer.errors import DemoError

RELEASES = [ELASTICSEARCH_8, ELASTICSEARCH_9, OPENSEARCH]


@pytest.mark.parametrize("release", RELEASES, ids=lambda release: release.name)
def test_the_package_brings_the_sources_of_each_node(release: SearchRelease) -> None:
    names = {path.stem for name in release.sources for path in (SOURCES / name).glob("*.java")}
    wanted = [release.main, *(module.plugin for module in release.modules if not module.jars)]
    assert {name.rpartition(".")[2] for name in wanted} <= names
    assert all((SOURCES / name).is_dir() for name in release.sources)


def test_a_java_that_is_too_old_is_refused_with_the_one_that_is_needed() -> None:
    java = Java(Path("/opt/java"), 17)
    check_java(ELASTICSEARCH_8, java)
    check_java(OPENSEARCH, java)
    with pytest.raises(
        DemoError, match=r"Elasticsearch 9\S+ needs Java 21 or newer, and /opt/java is Java 17; set"
    ):
        check_java(ELASTICSEARCH_9, java)


def test_what_would_be_built_otherwise_is_built_anew(tmp_path: Path) -> None:
    source = tmp_path / "A.java"
    source.write_text("class A {}")
    jars = [tmp_path / "a.jar"]
    seen = {_fingerprint(release, jars, [source]) for release in RELEASES}
    seen.add(_fingerprint(OPENSEARCH, [tmp_path / "b.jar"], [source]))
    source.write_text("class A { }")
    seen.add(_fingerprint(OPENSEARCH, jars, [source]))
    assert len(seen) == 5
    assert _fingerprint(OPENSEARCH, jars, [source]) in seen


def test_a_module_has_its_jars_and_says_what_it_is(tmp_path: Path) -> None:
    module = ELASTICSEARCH_8.modules[0]
    jars = [
        tmp_path / name for name in ("netty-common-4.jar", "transport-netty4-8.jar", "elasticsearch-8.jar")
    ]
    own = [jar for jar in jars if _is_part(jar, module)]
    assert own == jars[:2]
    assert not any(_is_part(jar, ELASTICSEARCH_8.modules[1]) for jar in jars)
    _lay_out(module, ELASTICSEARCH_8, tmp_path / "module", own, tmp_path / "classes")
    assert (tmp_path / "module" / "netty-common-4.jar").readlink() == jars[0]
    said = (tmp_path / "module" / "plugin-descriptor.properties").read_text().splitlines()
    assert "classname=org.elasticsearch.transport.netty4.Netty4Plugin" in said
    assert "version=8.19.21" in said
