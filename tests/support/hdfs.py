"""A real HDFS: Hadoop's own mini cluster, one NameNode and one DataNode in one small Java process."""

import os
import time
from pathlib import Path

import requests

from offline_observer.demo.jars import fetch_jars
from offline_observer.demo.java import Java
from offline_observer.demo.ports import LOOPBACK, free_ports
from offline_observer.demo.process import ChildProcess

HADOOP = (
    "org.apache.hadoop:hadoop-client-minicluster:3.4.1",
    # Java has it no more, and Hadoop's web server needs it.
    "javax.xml.bind:jaxb-api:2.3.1",
    "org.slf4j:slf4j-simple:1.7.36",
)
_JVM_OPTIONS = (
    "-Xmx192m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
)
_START_SECONDS = 60.0


class MiniHdfs:
    """The cluster.

    Args:
        folder: For its data and log.
        java: The Java to run it.
        user: The user that may do everything.
    """

    def __init__(self, folder: Path, java: Java, user: str = "hadoop") -> None:
        self.http_port, self._rpc_port = free_ports(2)
        self.address = f"{LOOPBACK}:{self.http_port}"
        self.user = user
        self._folder = folder
        self._java = java
        self._process: ChildProcess | None = None
        self._session = requests.Session()

    def start(self) -> None:
        class_path = os.pathsep.join(str(jar) for jar in fetch_jars(HADOOP, print))
        command = [
            *(str(self._java.executable), *_JVM_OPTIONS, "-cp", class_path),
            *("org.apache.hadoop.test.MiniDFSClusterManager", "-datanodes", "1", "-format"),
            *("-httpport", str(self.http_port), "-nnport", str(self._rpc_port)),
            *("-D", "dfs.namenode.fs-limits.min-block-size=0"),
        ]
        environment = {**os.environ, "HADOOP_USER_NAME": self.user}
        self._process = ChildProcess(
            "mini HDFS", command, self._folder / "hdfs.log", environment, self._folder
        )
        deadline = time.monotonic() + _START_SECONDS
        while not self._is_ready():
            if not self._process.running:
                raise self._process.died()
            assert time.monotonic() < deadline, self._process.tail()
            time.sleep(0.2)

    def _is_ready(self) -> bool:
        """Whether a file can be written, for which the DataNode must be there, too."""
        try:
            self.put("/ready", b"yes")
        except requests.RequestException:
            return False
        return True

    def put(self, path: str, content: bytes) -> None:
        self._do("PUT", path, "CREATE", content, overwrite="true")

    def delete(self, path: str) -> None:
        self._do("DELETE", path, "DELETE")

    def rename(self, path: str, to: str) -> None:
        self._do("PUT", to.rpartition("/")[0], "MKDIRS")
        self._do("PUT", path, "RENAME", destination=to)

    def set_mode(self, path: str, mode: str) -> None:
        self._do("PUT", path, "SETPERMISSION", permission=mode)

    def _do(self, method: str, path: str, operation: str, data: bytes | None = None, **more: str) -> None:
        url = f"http://{self.address}/webhdfs/v1{path}"
        parameters = {"op": operation, "user.name": self.user, **more}
        done = self._session.request(
            method, url, params=parameters, data=data, timeout=10, allow_redirects=data is None
        )
        if done.is_redirect:
            done = self._session.request(method, done.headers["Location"], data=data, timeout=10)
        done.raise_for_status()

    def pause(self) -> None:
        """Lets it hang: connections are accepted and never answered."""
        assert self._process
        os.kill(self._process.mark.pid, 19)

    def go_on(self) -> None:
        assert self._process
        os.kill(self._process.mark.pid, 18)

    def stop(self) -> None:
        if self._process is not None:
            self._process.stop(5)
            self._process = None
        self._session.close()
