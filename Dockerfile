# Two images for examples/visits/compose.yaml:
#   observer  offline-observer itself; the data generator is a command of it, too
#   job       PySpark with the Kafka connector, for the job that is observed
# What is installed are the versions of the locks, each checked by its hash; Debian's packages are as of the build's day,
# with their security fixes.

FROM python:3.12.12-slim-bookworm AS tools
WORKDIR /build
COPY requirements-bootstrap.lock ./
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements-bootstrap.lock


FROM tools AS observer-build
RUN python -m venv --without-pip /opt/observer
# The libraries first: they change less often than the program.
COPY requirements-observer.lock ./
RUN uv pip install --python /opt/observer/bin/python --no-cache --compile-bytecode --require-hashes \
    --build-constraints requirements-bootstrap.lock -r requirements-observer.lock
COPY pyproject.toml README.md LICENSE ./
COPY src src
COPY examples examples
RUN uv pip install --python /opt/observer/bin/python --no-cache --compile-bytecode --no-deps \
    --build-constraints requirements-bootstrap.lock .


FROM python:3.12.12-slim-bookworm AS observer
# A number that is the same in both images: the observer reads what the job writes. The folders are there so that a new
# volume at their place belongs to it.
RUN groupadd --gid 10001 observer \
    && useradd --uid 10001 --gid 10001 --no-log-init --no-create-home --home-dir /tmp --shell /usr/sbin/nologin observer \
    && install --directory --owner=10001 --group=10001 /data /data/checkpoints
COPY --from=observer-build /opt/observer /opt/observer
# What libraries cache goes where a container without a writable root has something writable.
ENV PATH=/opt/observer/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    MPLCONFIGDIR=/tmp/matplotlib \
    NUMBA_CACHE_DIR=/tmp/numba
USER 10001:10001
WORKDIR /data
EXPOSE 8765
# By its own port; the configuration has to have a `dashboard`. /healthz needs no token.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8765, timeout=4); c.request('GET', '/healthz'); r = c.getresponse(); print(r.read().decode()); raise SystemExit(r.status != 200)"]
# No shell and no init: the program itself is process 1, and ends in order when it is told to (SIGTERM).
ENTRYPOINT ["offline-observer"]
CMD ["run", "--config", "/etc/offline-observer/observer.yaml"]


FROM python:3.12.12-slim-bookworm AS java
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends openjdk-17-jre-headless \
    && rm -rf /var/lib/apt/lists/*


FROM tools AS job-build
RUN python -m venv --without-pip /opt/job
COPY requirements-job.lock ./
RUN uv pip install --python /opt/job/bin/python --no-cache --compile-bytecode --require-hashes \
    --build-constraints requirements-bootstrap.lock -r requirements-job.lock


# The connector is fetched here and not by --packages in the container: that would ask for it at each start, from a
# network that may be away, and take whatever comes.
FROM java AS job-jars
WORKDIR /build
COPY --from=job-build /opt/job /opt/job
ENV PATH=/opt/job/bin:$PATH
COPY job-jars.sha256 ./
# A script that does nothing has Spark resolve and fetch.
RUN touch nothing.py \
    && spark-submit --packages org.apache.spark:spark-sql-kafka-0-10_2.13:4.2.0 \
        --conf spark.jars.ivy=/build/ivy --conf spark.ui.enabled=false nothing.py
# What is on the list, and is what it was, goes to Spark's own jars; the rest is what Spark has already.
WORKDIR /build/ivy/jars
RUN sha256sum --check --strict /build/job-jars.sha256 \
    && sed --quiet 's/^[0-9a-f]* *\(.*\.jar\)$/\1/p' /build/job-jars.sha256 > names \
    && xargs --arg-file=names cp --target-directory="$(python -c 'import pyspark; print(pyspark.__path__[0])')/jars"


FROM java AS job
# Hadoop's libraries want a user with a name.
RUN groupadd --gid 10001 job \
    && useradd --uid 10001 --gid 10001 --no-log-init --no-create-home --home-dir /tmp --shell /usr/sbin/nologin job \
    && install --directory --owner=10001 --group=10001 /data /data/checkpoints
COPY --from=job-jars /opt/job /opt/job
ENV PATH=/opt/job/bin:$PATH \
    PYTHONUNBUFFERED=1
USER 10001:10001
# Spark makes folders where it is started.
WORKDIR /tmp
# Its scripts give way to Java, which is process 1 in the end and closes Spark on SIGTERM.
ENTRYPOINT ["spark-submit"]
