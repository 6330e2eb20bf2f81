"""What the tests need beyond Python packages: found, or installed where this user may; otherwise each is named with what lacks without it.

``python -m tests.needs`` runs before the tests, ``python -m tests.needs images`` before those that build images: no other installs
a Docker engine; ``python -m tests.needs bench`` before the benches. In CI a missing part is a failure, never a skip.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
NODE_FOLDER = ROOT / ".venv" / "node"
ZOOKEEPER_JAR = Path("/usr/share/java/zookeeper.jar")
JAVA_JARS = {Path("/usr/share/java") / name: package for name, package in
             (("thrift.jar", "libthrift-java"), ("slf4j-nop.jar", "libslf4j-java"))}  # fmt: skip
GO_PATH = Path("/usr/share/gocode")
GO_THRIFT = GO_PATH / "src" / "github.com" / "apache" / "thrift"
PACKAGES = {
    "thrift": "thrift-compiler",
    "node": "nodejs",
    "npm": "npm",
    "mariadbd": "mariadb-server",
    "javac": "default-jdk-headless",
    "go": "golang-go",
    "chromium": "chromium",
}
CONSOLE = ROOT / "gateway" / "static" / "index.html"
DOCKER_PACKAGES = {
    "dockerd": "docker.io",
    "docker": "docker.io",
    "docker-compose": "docker-compose",
    "debootstrap": "debootstrap",
    "iptables": "iptables",
}
THRIFT_NPM = "thrift@0.24.0"


def in_ci() -> bool:
    return os.environ.get("CI") == "true"


def node_client() -> str | None:
    """None when a generated Node client can be built and run here, else what is missing."""
    for program in ("thrift", "node", "npm"):
        if shutil.which(program) is None:
            return f"the program '{program}' (Debian packages thrift-compiler, nodejs, npm)"
    if not (NODE_FOLDER / "node_modules" / "thrift").is_dir():
        return f"the npm package {THRIFT_NPM} under {NODE_FOLDER.relative_to(ROOT)}"
    return None


def thrift_compiler() -> str | None:
    return None if shutil.which("thrift") else "the program 'thrift' (Debian package thrift-compiler)"


def java_client() -> str | None:
    """None when a generated Java client can be compiled and run here, else what is missing."""
    for program in ("java", "javac"):
        if shutil.which(program) is None:
            return f"the program '{program}' (Debian package default-jdk-headless)"
    lacking = [package for jar, package in JAVA_JARS.items() if not jar.exists()]
    return thrift_compiler() or (f"the Debian package {lacking[0]}" if lacking else None)


def go_client() -> str | None:
    """None when a generated Go client can be compiled and run here, else what is missing."""
    if shutil.which("go") is None:
        return "the program 'go' (Debian package golang-go)"
    return thrift_compiler() or (None if GO_THRIFT.is_dir() else "the Debian package golang-thrift-dev")


def zookeeper() -> str | None:
    """None when ZooKeeper servers can be started here, else what is missing."""
    if shutil.which("java") is None or not ZOOKEEPER_JAR.exists():
        return "the Debian package zookeeper (java and /usr/share/java/zookeeper.jar)"
    return None


def mysql_server() -> str | None:
    """None when a MariaDB can be started here, or ``MODELYARD_TEST_MYSQL`` names a server; else what is missing."""
    if os.environ.get("MODELYARD_TEST_MYSQL"):
        return None
    for program in ("mariadbd", "mariadb-install-db"):
        if shutil.which(program) is None:
            return (
                f"the program '{program}' (Debian package mariadb-server), or MODELYARD_TEST_MYSQL=mysql+pymysql://…/modelyard_{{service}}"
            )
    return None


def stores() -> str | None:
    """None when both a MariaDB and a ZooKeeper of our own can be started here, else what is missing."""
    lacking = [None if own_mysql_server() else "the Debian package mariadb-server (mariadbd, mariadb-install-db)", zookeeper()]
    return " and ".join(filter(None, lacking)) or None


def own_mysql_server() -> bool:
    """Whether one can be started here, to be measured, stopped and killed."""
    return all(shutil.which(program) for program in ("mariadbd", "mariadb-install-db"))


def chromium() -> str | None:
    """The browser of this machine: the one MODELYARD_TEST_CHROMIUM names, or Debian's."""
    return os.environ.get("MODELYARD_TEST_CHROMIUM") or shutil.which("chromium")


def cjk_font() -> bool:
    """Whether Chinese is drawn as itself, not as boxes."""
    listed = shutil.which("fc-list") and subprocess.run(["fc-list", ":lang=zh"], capture_output=True, text=True, check=False).stdout
    return bool(listed)


def browser() -> str | None:
    """None when the console can be looked at here, else what is missing."""
    if chromium() is None:
        return "the program 'chromium' (Debian package chromium), or MODELYARD_TEST_CHROMIUM=/path/to/it"
    if not cjk_font():
        return "a Chinese font (Debian package fonts-noto-cjk)"
    return None if CONSOLE.exists() else "the built console (make console)"


def images() -> str | None:
    """None when images can be built and run here, else what is missing."""
    from tests.support import docker

    return docker.missing()


def install() -> None:
    """Installs what is missing, as far as this user may."""
    further = ["zookeeper"] if zookeeper() else []
    further += [package for jar, package in JAVA_JARS.items() if not jar.exists()]
    further += [] if GO_THRIFT.is_dir() else ["golang-thrift-dev"]
    _install_packages(PACKAGES, further + ([] if cjk_font() else ["fonts-noto-cjk", "fontconfig"]))
    if shutil.which("npm") and not (NODE_FOLDER / "node_modules" / "thrift").is_dir():
        NODE_FOLDER.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(NODE_FOLDER), THRIFT_NPM], check=False)


def _install_packages(packages: dict[str, str], further: list[str]) -> None:
    """packages: program -> the Debian package that has it."""
    missing = [*{package: None for program, package in packages.items() if shutil.which(program) is None}, *further]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], check=False, env=environ, stdout=subprocess.DEVNULL)
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing], check=False, env=environ, stdout=subprocess.DEVNULL
        )


def main() -> int:
    if sys.argv[1:] == ["images"]:
        if images() and not os.environ.get("MODELYARD_TEST_DOCKER"):
            _install_packages(DOCKER_PACKAGES, [])
        return _told({"every test of the images": images()})
    if sys.argv[1:] == ["bench"]:
        _install_packages({"mariadbd": "mariadb-server"}, ["zookeeper"] if zookeeper() else [])
        return _told({"every bench on MariaDB": stores()})
    install()
    return _told(
        {
            "the Node client test": node_client(),
            "the Java example of docs/thrift.md": java_client(),
            "the Go example of docs/thrift.md": go_client(),
            "every test on MySQL": mysql_server(),
            "each test on ZooKeeper": zookeeper(),
            "every test of the console in a browser": browser(),
            "the test of the manifests": None if shutil.which("kubectl") else "the program kubectl, 1.21 or newer",
        }
    )


def _told(lacking: dict[str, str | None]) -> int:
    """lacking: tests -> what they lack. Says so; the exit status."""
    for test, what in lacking.items():
        if what:
            print(f"{'error' if in_ci() else 'note'}: {test} needs {what}", file=sys.stderr)
    return 1 if in_ci() and any(lacking.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
