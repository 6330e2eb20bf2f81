# MariaDB out of Debian's packages, for tests and for machines without a registry: the few settings compose.yaml needs, nothing more.
ARG BASE
FROM ${BASE}
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends mariadb-server >/dev/null \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/lib/mysql \
 && install -d -o mysql -g mysql /var/lib/mysql /run/mysqld
COPY docker/test/mariadb-start /usr/local/bin/mariadb-start
USER mysql
VOLUME /var/lib/mysql
EXPOSE 3306
STOPSIGNAL SIGTERM
ENTRYPOINT ["mariadb-start"]
