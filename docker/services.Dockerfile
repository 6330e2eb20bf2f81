# Every process of the platform but the serving runtime: the services, their workers, the gateway and the command line.
#
#   BASE    an image of Debian 12 with its Python 3.11, best by digest; `make images` builds one where no registry is at hand
#   EXTRAS  what is installed beside the core; without train and export there is no torch (the *slim* variant)
#
# Packages come from docker/wheels (`make wheels`) only, at the versions of requirements.lock: a build reaches no package index.
ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS names
ARG EXTRAS=data,train,export,serve,zookeeper,otel
COPY pyproject.toml docker/names.py ./
RUN python3 names.py pyproject.toml "${EXTRAS}" >/names.txt

FROM ${BASE} AS packages
COPY docker/wheels/ /wheels/
ENV PIP_NO_INDEX=1 PIP_FIND_LINKS=/wheels PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
RUN python3 -m venv --without-pip /opt/modelyard
WORKDIR /source
# The packages before the code, and by their names alone: a change of the code leaves this layer, which takes minutes, as it was. They are
# compiled here: the root of a container is read-only, so what is not compiled now is compiled at every start of every process.
COPY requirements.lock ./
COPY --from=names /names.txt ./
RUN /opt/modelyard/bin/python "$(echo /wheels/pip-*.whl)/pip" install --quiet --constraint requirements.lock --requirement names.txt

FROM packages AS code
COPY pyproject.toml README.md LICENSE ./
COPY idl/ idl/
COPY libs/ libs/
COPY services/ services/
COPY gateway/ gateway/
RUN /opt/modelyard/bin/python "$(echo /wheels/pip-*.whl)/pip" wheel --quiet --no-deps --wheel-dir /dist . \
 && /opt/modelyard/bin/python "$(echo /wheels/pip-*.whl)/pip" install --quiet --no-deps --target /opt/code /dist/*.whl
COPY docker/ready.py /opt/code/ready.py

FROM ${BASE}
# Some libraries ask for the name of who runs them, so the number has one. The home is the only place written to, beside /tmp.
# Nobody in a container installs anything or becomes anybody else: the package manager and every setuid program go.
RUN groupadd --gid 10001 modelyard \
 && useradd --uid 10001 --gid 10001 --home-dir /var/lib/modelyard --no-create-home --shell /usr/sbin/nologin modelyard \
 && install -d -o 10001 -g 10001 -m 0700 /var/lib/modelyard \
 && dpkg --purge --force-all apt $(dpkg-query --show --showformat '${Package} ' 'libapt-pkg*') >/dev/null 2>&1 \
 && rm -rf /etc/apt /var/lib/apt /var/cache/apt \
 && find / -xdev -type f -perm /6000 -delete
COPY --from=packages /opt/modelyard /opt/modelyard
COPY --from=code /opt/code /opt/code
# Loopback of a container is reached by nobody: who may reach it is said by the networks around it.
ENV PATH=/opt/code/bin:/opt/modelyard/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONPATH=/opt/code \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/var/lib/modelyard \
    MODELYARD_HOME=/var/lib/modelyard \
    MODELYARD_HOST=0.0.0.0
USER 10001:10001
WORKDIR /var/lib/modelyard
VOLUME /var/lib/modelyard
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["python", "/opt/code/ready.py"]
CMD ["python", "-m", "gateway"]
# Last: what changes with every commit leaves the layers above as they are.
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Modelyard services" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
