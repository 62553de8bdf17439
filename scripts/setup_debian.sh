#!/usr/bin/env bash
# Installs with apt what this machine lacks:  scripts/setup_debian.sh build|test
#
#   build  a Python with venv and headers, a C++20 compiler
#   test   also GRASS GIS and SAGA, which the tests compare against, valgrind, which counts the
#          kernels' instructions, Work Queue with its workers and catalog, python3-gdal, whose
#          validator judges the maps' files, podman with its networks, mmdebstrap, which makes
#          the Debian that an image begins with, iproute2, with
#          which tests make hosts of their own, chromium, the browser in which they use the pages,
#          systemd, which judges the unit of the documentation, nginx, which is put into build/ without its service,
#          qemu-user, which is an old processor to them, GNU parallel, which a page uses,
#          the judge of job scripts (shellcheck), Slurm, of which tests start
#          their own cluster, nftables, tcpdump and sshfs, for networks of several hosts,
#          rsync and sqlite3, which pages use, and sshd, stunnel, promtool, node_exporter, logrotate and
#          Grid Engine, which are put into build/ like nginx
#
# What is already there, from whatever source, is left alone; with nothing missing, apt is
# not called. Without a build tool we cannot go on and end with 1. Without one of
# those for the tests we say so and go on: the tests that need them then fail and say so too.
set -euo pipefail
cd "$(dirname "$0")"

purpose=${1:-build}
case $purpose in
build | test) ;;
*)
    echo "usage: scripts/setup_debian.sh build|test" >&2
    exit 2
    ;;
esac

has() { command -v "$1" >/dev/null 2>&1; }
has_cxx20() { has "${CXX:-g++}" && echo 'int main() {}' | "${CXX:-g++}" -std=c++20 -x c++ -fsyntax-only - 2>/dev/null; }

has_work_queue() { # for this project's Python or the system's
    ../.venv/bin/python -c 'import ndcctools.work_queue' 2>/dev/null ||
        /usr/bin/python3 -c 'import work_queue' 2>/dev/null
}

missing_tools() {
    ./find_python.sh >/dev/null || echo python3 python3-venv python3-dev
    has_cxx20 || echo g++
    has make || echo make
}
missing_judges() {
    [ "$purpose" = test ] || return 0
    has grass || echo grass-core
    has saga_cmd || echo saga
    has valgrind || echo valgrind
    has_work_queue || echo python3-workqueue
    { has work_queue_worker && has catalog_server; } || echo coop-computing-tools
    has_cog_validator || echo python3-gdal
    has ip || echo iproute2
    has podman || echo podman
    has runc || echo runc
    has mmdebstrap || echo mmdebstrap
    has catatonit || echo catatonit
    [ -x /usr/lib/podman/netavark ] || echo netavark
    [ -x /usr/lib/podman/aardvark-dns ] || echo aardvark-dns
    has chromium || echo chromium
    has systemd-analyze || echo systemd
    has_nginx || echo nginx
    has qemu-x86_64 || echo qemu-user
    has parallel || echo parallel
    has shellcheck || echo shellcheck
    { has slurmctld && has slurmd; } || echo slurm-wlm
    has munged || echo munge
    has_admins nft || echo nftables
    has tcpdump || echo tcpdump
    has sshfs || echo sshfs
    has rsync || echo rsync
    has sqlite3 || echo sqlite3
    has_admins logrotate || [ -x ../build/logrotate/usr/sbin/logrotate ] || echo libpopt0 logrotate
    has_admins sshd || [ -x ../build/openssh-server/usr/sbin/sshd ] || echo libwrap0 openssh-server
    has promtool || [ -x ../build/prometheus/usr/bin/promtool ] || echo prometheus
    has prometheus-node-exporter || [ -d ../build/prometheus-node-exporter/usr ] ||
        echo prometheus-node-exporter
    has stunnel4 || [ -x ../build/stunnel4/usr/bin/stunnel4 ] || echo libwrap0 stunnel4
    has_libraries_of_grid_engine || echo libhwloc15 libjemalloc2 libmunge2 libtirpc3
    has_grid_engine || echo gridengine
}

has_cog_validator() {
    /usr/bin/python3 -c 'import osgeo_utils.samples.validate_cloud_optimized_geotiff' 2>/dev/null
}

has_admins() { has "$1" || [ -x "/usr/sbin/$1" ]; } # users lack these folders in their PATH
has_nginx() { has_admins nginx || [ -x ../build/nginx/usr/sbin/nginx ]; }

has_grid_engine() { [ -x ../build/gridengine/usr/lib/gridengine/sge_qmaster ]; }
has_libraries_of_grid_engine() {
    local library known
    known=$(/sbin/ldconfig -p)
    for library in libhwloc.so.15 libjemalloc.so.2 libmunge.so.2 libtirpc.so.3; do
        [[ $known == *"$library"* ]] || return 1
    done
}

# How to become root, or a sentence why not.
as_root=()
cannot_install() {
    if ! has apt-get; then
        echo "this is not a Debian system (no apt-get)"
    elif [ "$(id -u)" != 0 ] && ! has sudo; then
        echo "you are not root and there is no sudo"
    elif [ "$(id -u)" != 0 ] && ! sudo -n true 2>/dev/null && ! [ -t 0 ]; then
        echo "sudo asks for a password and there is no terminal to type it"
    fi
}

updated=no
update_lists() {
    [ "$updated" = no ] || return 0
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -q >"$1" 2>&1 || true
    updated=yes
}

install() { # install PACKAGE...: quiet unless it fails
    local log
    log=$(mktemp)
    echo "Installing Debian packages: $*"
    update_lists "$log"
    if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -q --no-install-recommends "$@" >>"$log" 2>&1; then
        tail -n 20 "$log" >&2
        rm -f "$log"
        return 1
    fi
    rm -f "$log"
}

fetch() { # fetch NAME PACKAGE...: their programs alone, since packages would start services
    local name=$1 folder code=0
    shift
    echo "Fetching $name into build/$name"
    folder=$(mktemp -d)
    [ -n "$why" ] || update_lists "$folder/log"
    (cd "$folder" && apt-get download -q "$@" >log 2>&1) || { cat "$folder/log" >&2 && code=1; }
    mkdir -p "../build/$name"
    for package in "$folder"/*.deb; do
        [ $code != 0 ] || dpkg-deb -x "$package" "../build/$name" || code=1
    done
    rm -rf "$folder"
    return $code
}
cannot_fetch() { echo "Cannot fetch $1, so the tests that need it will fail." >&2; }

read -r -d '' -a tools < <(missing_tools) || true
read -r -d '' -a judges < <(missing_judges) || true
[ ${#tools[@]} -gt 0 ] || [ ${#judges[@]} -gt 0 ] || exit 0

why=$(cannot_install)
if [ -z "$why" ] && [ "$(id -u)" != 0 ]; then as_root=(sudo); fi

if [ ${#tools[@]} -gt 0 ]; then
    if [ -n "$why" ] || ! install "${tools[@]}"; then
        echo "Cannot install ${tools[*]}, which the build needs: ${why:-apt-get failed}." >&2
        exit 1
    fi
    if [ -n "$(missing_tools)" ]; then
        echo "The build needs Python 3.11 or newer and g++ 12 or newer;" \
            "this release's packages are older." >&2
        exit 1
    fi
fi
for package in "${judges[@]}"; do
    case $package in
    logrotate | nginx | openssh-server | prometheus | prometheus-node-exporter | stunnel4)
        fetch "$package" "$package" || cannot_fetch "$package"
        ;;
    gridengine) # installed it would set up a cell, and bring a mail server
        fetch gridengine gridengine-{common,client,exec,master} || cannot_fetch gridengine
        ;;
    *)
        if [ -n "$why" ] || ! install "$package"; then
            echo "Cannot install $package, so the tests that need it will fail:" \
                "${why:-apt-get failed}." >&2
        fi
        ;;
    esac
done
