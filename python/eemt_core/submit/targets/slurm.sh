#!/bin/bash
$directives

$job_end

$setup
set -euo pipefail

# A folder of this job's own, which goes with it. The command below is told of the job's end as well
# as this shell, which waits for it.
folder=$(mktemp -d "${SLURM_TMPDIR:-${TMPDIR:-/tmp}}/eemt-XXXXXXXX")
trap 'rm -rf "$folder"' EXIT
trap : TERM

$prepare

# As a step, so that Slurm tells it of the time limit. Some versions forget the step's cores.
srun --ntasks=1 --cpus-per-task="${SLURM_CPUS_PER_TASK:-$SLURM_CPUS_ON_NODE}" \
    $work
