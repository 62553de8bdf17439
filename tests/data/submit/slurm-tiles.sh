#!/bin/bash
#SBATCH --job-name=eemt
#SBATCH --array=1-3
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=2
#SBATCH --mem=4096M
#SBATCH --time=00:30:00
#SBATCH --signal=TERM@120

# When the job will end by what was asked for, where nobody else tells it.
export EEMT_JOB_END=$(($(date +%s) + 1800))

set -euo pipefail

# A folder of this job's own, which goes with it. Its name is known before it is made, so that
# nothing is left where the job is told of its end meanwhile.
folder=$(mktemp -du "${SLURM_TMPDIR:-${TMPDIR:-/tmp}}/eemt-XXXXXXXX")
trap 'trap "" TERM; rm -rf "$folder"' EXIT
trap 'exit 143' TERM
mkdir -m 700 "$folder"

# Which lines of tiles.txt are this job's.
first=$(((SLURM_ARRAY_TASK_ID - 1) * 4 + 1))
last=$((first + 3 < 10 ? first + 3 : 10))

# What the lines above have put on the PATH, or else ours.
program=$(command -v eemt-tile || echo /opt/eemt/bin/eemt-tile)

# The command below is told of the job's end as well as this shell, which waits for it.
trap : TERM

# As a step, so that Slurm tells it of the time limit. Some versions forget the step's cores.
srun --ntasks=1 --cpus-per-task="${SLURM_CPUS_PER_TASK:-$SLURM_CPUS_ON_NODE}" \
    "$program" \
    --wall-time auto /shared/tiles "$first-$last"
