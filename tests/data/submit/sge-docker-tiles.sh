#!/bin/bash
#$ -S /bin/bash
#$ -N eemt
#$ -t 1-3
#$ -j y
#$ -notify
#$ -pe smp 2
#$ -l h_vmem=2048M
#$ -l h_rt=1800

# When the job will end by what was asked for, where nobody else tells it.
export EEMT_JOB_END=$(($(date +%s) + 1800))

set -euo pipefail

# A folder of this job's own, which goes with it. Its name is known before it is made, so that
# nothing is left where the job is told of its end meanwhile.
folder=$(mktemp -du "${TMPDIR:-/tmp}/eemt-XXXXXXXX")
trap 'trap "" USR1 USR2 TERM; rm -rf "$folder"' EXIT
trap 'exit 143' USR1 USR2 TERM
mkdir -m 700 "$folder"

# Which lines of tiles.txt are this job's.
first=$(((SGE_TASK_ID - 1) * 4 + 1))
last=$((first + 3 < 10 ? first + 3 : 10))

# The container is no child of this shell, and signals that are passed on may get lost.
# So it is told to end when the command that waits for it has ended.
container=${folder##*/}
trap 'trap "" TERM INT USR1 USR2; exec >/dev/null 2>&1
    docker stop --time 20 "$container" || :
    docker rm --force "$container" || :
    rm -rf "$folder"' EXIT

# Grid Engine tells all processes of a job of its end by signals that would only kill them. So the
# command does not hear these, but gets SIGTERM from this shell, which waits for it.
trap 'told=yes; kill -TERM "${child-}" 2>/dev/null || :' USR1 USR2 TERM
(
    trap '' USR1 USR2
    exec docker run --rm --name "$container" --sig-proxy=false --init --user "$(id -u):$(id -g)" \
    --network host --read-only \
    --cap-drop all --security-opt no-new-privileges --security-opt label=disable \
    --cpus 2 --memory 4096m \
    --volume "$folder:$folder" \
    --volume /shared/tiles:/shared/tiles \
    --env TMPDIR="$folder" \
    --env SLURM_CPUS_PER_TASK --env SLURM_CPUS_ON_NODE --env NCPUS --env PBS_NUM_PPN \
    --env LSB_DJOB_NUMPROC --env NSLOTS --env SLURM_MEM_PER_NODE --env SLURM_MEM_PER_CPU \
    --env SLURM_JOB_END_TIME --env EEMT_JOB_END \
    registry.example/eemt:1 eemt-tile \
    --wall-time auto /shared/tiles "$first-$last"
) &
child=$!
told=yes
while [ "$told" = yes ]; do # a signal ends the waiting, not the command
    told=no
    code=0
    wait "$child" || code=$?
done
exit "$code"
