# ZooKeeper out of Debian's packages: one server, for tests and for machines without a registry.
ARG BASE
FROM ${BASE}
RUN mkdir -p /usr/share/man/man1 && apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends zookeeper openjdk-17-jre-headless >/dev/null \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* \
 && install -d -o zookeeper -g zookeeper /data
COPY docker/test/zookeeper.cfg /etc/zookeeper/modelyard.cfg
USER zookeeper
VOLUME /data
EXPOSE 2181
STOPSIGNAL SIGTERM
CMD ["java", "-Xmx256m", "-Dzookeeper.log.dir=/tmp", "-cp", "/etc/zookeeper/conf:/usr/share/java/*", "org.apache.zookeeper.server.quorum.QuorumPeerMain", "/etc/zookeeper/modelyard.cfg"]
