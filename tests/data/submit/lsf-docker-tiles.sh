#!/bin/bash
# LSF reads this from standard input: bsub < FILE
#BSUB -J "eemt[1-3]"
#BSUB -n 2
#BSUB -R "span[hosts=1]"
#BSUB -M 4096MB
#BSUB -R "rusage[mem=4096MB]"
#BSUB -W 0:30
#BSUB -wa TERM
#BSUB -wt 2

# When the job will end by what was asked for, where nobody else tells it.
export EEMT_JOB_END=$(($(date +%s) + 1800))

set -euo pipefail

# A folder of this job's own, which goes with it. Its name is known before it is made, so that
# nothing is left where the job is told of its end meanwhile.
folder=$(mktemp -du "${TMPDIR:-/tmp}/eemt-XXXXXXXX")
trap 'trap "" TERM INT; rm -rf "$folder"' EXIT
trap 'exit 143' TERM INT
mkdir -m 700 "$folder"

# Which lines of tiles.txt are this job's.
first=$(((LSB_JOBINDEX - 1) * 4 + 1))
last=$((first + 3 < 10 ? first + 3 : 10))

# The container is no child of this shell, and signals that are passed on may get lost.
# So it is told to end when the command that waits for it has ended.
container=${folder##*/}
trap 'trap "" TERM INT USR1 USR2; exec >/dev/null 2>&1
    docker stop --time 20 "$container" || :
    docker rm --force "$container" || :
    rm -rf "$folder"' EXIT

# The command below is told of the job's end as well as this shell, which waits for it.
trap : TERM INT

docker run --rm --name "$container" --sig-proxy=false --init --user "$(id -u):$(id -g)" \
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
