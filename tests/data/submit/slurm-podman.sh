#!/bin/bash
#SBATCH --job-name=eemt
#SBATCH --array=1-20
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --signal=TERM@120

set -euo pipefail

# A folder of this job's own, which goes with it. Its name is known before it is made, so that
# nothing is left where the job is told of its end meanwhile.
folder=$(mktemp -du "${SLURM_TMPDIR:-${TMPDIR:-/tmp}}/eemt-XXXXXXXX")
trap 'trap "" TERM; rm -rf "$folder"' EXIT
trap 'exit 143' TERM
mkdir -m 700 "$folder"

# The container is no child of this shell, and signals that are passed on may get lost.
# So it is told to end when the command that waits for it has ended.
container=${folder##*/}
trap 'trap "" TERM INT USR1 USR2; exec >/dev/null 2>&1
    podman stop --time 20 "$container" || :
    podman rm --force "$container" || :
    rm -rf "$folder"' EXIT

# The command below is told of the job's end as well as this shell, which waits for it.
trap : TERM

# As a step, so that Slurm tells it of the time limit. Some versions forget the step's cores.
srun --ntasks=1 --cpus-per-task="${SLURM_CPUS_PER_TASK:-$SLURM_CPUS_ON_NODE}" \
    podman run --rm --name "$container" --sig-proxy=false --user 0:0 \
    --network host --read-only \
    --cap-drop all --security-opt no-new-privileges --security-opt label=disable \
    --volume "$folder:$folder" \
    --volume /shared/password:/shared/password:ro \
    --env TMPDIR="$folder" \
    --env SLURM_CPUS_PER_TASK --env SLURM_CPUS_ON_NODE --env NCPUS --env PBS_NUM_PPN \
    --env LSB_DJOB_NUMPROC --env NSLOTS --env SLURM_MEM_PER_NODE --env SLURM_MEM_PER_CPU \
    --env SLURM_JOB_END_TIME --env EEMT_JOB_END \
    localhost/eemt-core eemt-worker \
    --manager node1.example:9123 \
    --manager node2.example:9124 \
    --password-file /shared/password \
    --cores auto --memory auto --disk auto \
    --wall-time auto --work-dir "$folder"
