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

# What the batch system tells of this job; the container starts with no other variables.
for name in \
    SLURM_CPUS_PER_TASK SLURM_CPUS_ON_NODE NCPUS PBS_NUM_PPN \
    LSB_DJOB_NUMPROC NSLOTS SLURM_MEM_PER_NODE SLURM_MEM_PER_CPU \
    SLURM_JOB_END_TIME EEMT_JOB_END; do
    export "APPTAINERENV_$name=${!name-}"
done
export APPTAINERENV_TMPDIR="$folder"

# The command below is told of the job's end as well as this shell, which waits for it.
trap : TERM

# As a step, so that Slurm tells it of the time limit. Some versions forget the step's cores.
srun --ntasks=1 --cpus-per-task="${SLURM_CPUS_PER_TASK:-$SLURM_CPUS_ON_NODE}" \
    apptainer --quiet exec --cleanenv --containall --pwd / \
    --bind "$folder" \
    --bind /shared/password:/shared/password:ro \
    /shared/eemt-1.0.sif eemt-worker \
    --manager node1.example:9123 \
    --manager node2.example:9124 \
    --password-file /shared/password \
    --cores auto --memory auto --disk auto \
    --wall-time auto --work-dir "$folder"
