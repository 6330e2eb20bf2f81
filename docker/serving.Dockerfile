# The serving runtime alone: one bundle, one model, one port. No torch, no database driver, no RPC server.
#
#   BASE    as in services.Dockerfile
#
# The bundle is mounted read-only at /bundle; the words after the image's name are the options of the process:
#   --expect-digest sha256:… --model NAME --model-version N
ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS packages
COPY docker/wheels/ /wheels/
ENV PIP_NO_INDEX=1 PIP_FIND_LINKS=/wheels PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
RUN python3 -m venv --without-pip /opt/modelyard
WORKDIR /source
COPY requirements.lock docker/serving.txt ./
RUN /opt/modelyard/bin/python "$(echo /wheels/pip-*.whl)/pip" install --quiet --constraint requirements.lock --requirement serving.txt

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
# As in services.Dockerfile: no package manager, no setuid programs.
RUN groupadd --gid 10001 modelyard \
 && useradd --uid 10001 --gid 10001 --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin modelyard \
 && dpkg --purge --force-all apt $(dpkg-query --show --showformat '${Package} ' 'libapt-pkg*') >/dev/null 2>&1 \
 && rm -rf /etc/apt /var/lib/apt /var/cache/apt \
 && find / -xdev -type f -perm /6000 -delete
COPY --from=packages /opt/modelyard /opt/modelyard
COPY --from=code /opt/code /opt/code
ENV PATH=/opt/code/bin:/opt/modelyard/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONPATH=/opt/code \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp
USER 10001:10001
WORKDIR /
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["python", "/opt/code/ready.py", "http://127.0.0.1:8000/readyz"]
# --detached: the stdin of a container is empty from the start, its end says nothing.
ENTRYPOINT ["python", "-m", "services.deploy.engine.serving", "--detached", "--host", "0.0.0.0", "--port", "8000", "--bundle", "/bundle"]
# Last: what changes with every commit leaves the layers above as they are.
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Modelyard serving runtime" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
