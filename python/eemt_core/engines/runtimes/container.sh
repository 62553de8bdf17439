# Runs a task in a container on a worker:  sh container.sh IMAGE FOLDER [SHARED]
#
# The program is $EEMT_CONTAINER_RUNTIME (podman, docker, apptainer or singularity; a path will do)
# or the first of these that is there. The container sees the task's folder as /tile, SHARED (a folder
# of shared storage) under its own name if the worker has it, and nothing else of the worker; it has
# no network, and what it writes belongs to the worker's user.
set -eu

fail() {
    echo "eemt-container: $*" >&2
    exit 125
}

image=$1
folder=$(cd "$2" && pwd -P)
shared=${3:-}
if [ -n "$shared" ] && [ ! -d "$shared" ]; then
    shared= # the task says itself that it is not there
fi
threads=${OMP_NUM_THREADS:-${CORES:-1}}

program=${EEMT_CONTAINER_RUNTIME:-auto}
if [ "$program" = auto ]; then
    for program in podman docker apptainer singularity none; do
        if command -v "$program" >/dev/null 2>&1; then break; fi
    done
    [ "$program" != none ] || fail "the worker has none of podman, docker and apptainer:" \
        "install one of them there, or use <<runtime=wheel>>"
fi
kind=${program##*/}
case $kind in
podman | docker | apptainer | singularity) ;;
*) fail "EEMT_CONTAINER_RUNTIME must be podman, docker, apptainer or auto, got $program" ;;
esac
command -v "$program" >/dev/null 2>&1 ||
    fail "EEMT_CONTAINER_RUNTIME is $program, which the worker does not have:" \
        "install it there, or let the variable name another program"

case $kind in
apptainer | singularity)
    case $image in
    *://* | *.sif) ;;
    *) image=docker://$image ;;
    esac
    # its processes are children of this one: who ends the task's process group ends them
    exec "$program" --quiet exec --cleanenv --containall --bind "$folder:/tile" \
        ${shared:+--bind "$shared"} --pwd / \
        --env "OMP_NUM_THREADS=$threads,OPENBLAS_NUM_THREADS=1" \
        "$image" python3 -P -m eemt_core.tiles --guest /tile
    ;;
esac

# The container is no child of this process, which may be killed. So the container's standard input
# is held open here, by a pipe that nobody writes into, and the task ends when it ends.
pipe=$folder.pipe
rm -f "$pipe"
mkfifo "$pipe"
exec <>"$pipe"
rm -f "$pipe"

# a fence behind the limit that the task sets itself, which it can tell of
limits() {
    set -- --cpus "$threads"
    if [ "${MEMORY:-0}" -gt 0 ]; then
        set -- "$@" --memory "$((MEMORY + MEMORY / 4 + 256))m"
    fi
    echo "$@"
}

# Whose results are the worker's: without root's rights a container's root is the caller outside,
# and cgroups often do not let one set limits.
user=0:0
limited=
if [ "$(id -u)" = 0 ]; then
    limited=$(limits)
elif [ "$kind" = docker ]; then
    limited=$(limits)
    case $("$program" info --format '{{.SecurityOptions}}' 2>/dev/null) in
    *rootless*) ;;
    *) user=$(id -u):$(id -g) ;;
    esac
fi

# podman and docker read a mount as a line of CSV
quoted() {
    printf '%s' "$1" | sed 's/"/""/g'
}
source=$(quoted "$folder")
shared=$(quoted "$shared")

# shellcheck disable=SC2086  # the limits are several words
exec "$program" run --rm --interactive --network none --read-only --workdir / --user "$user" \
    --hostname "$(uname -n | cut -c1-63)" --cap-drop all \
    --security-opt no-new-privileges --security-opt label=disable $limited \
    --env "OMP_NUM_THREADS=$threads" --env OPENBLAS_NUM_THREADS=1 --env PYTHONUNBUFFERED=1 \
    --mount "type=bind,\"source=$source\",target=/tile" \
    ${shared:+--mount "type=bind,\"source=$shared\",\"target=$shared\""} --entrypoint python3 \
    "${image#docker://}" -P -m eemt_core.tiles --end-with-parent --guest /tile
