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

# The first job has the manager and a worker beside it; all others are workers that find
# it by a file in the run's folder. A run that was there before goes on.
if [ "${SLURM_ARRAY_TASK_ID:-1}" = 1 ]; then
    # When the run ends the others have no manager any more.
    trap 'trap "" TERM INT USR1 USR2; rm -rf "$folder"; scancel --quiet "${SLURM_ARRAY_JOB_ID}_[2-3]" || :' EXIT
    cd /home/ada
    # What the lines above have put on the PATH, or else ours.
    program=$(command -v eemt-run || echo /opt/eemt/bin/eemt-run)
    work=(
        "$program" 'my dem.tif' --days '1,172'
        -o /shared/out --resume --manager-port 0 --workers 1 --password-file /shared/password
    )
else
    # What the lines above have put on the PATH, or else ours.
    program=$(command -v eemt-worker || echo /opt/eemt/bin/eemt-worker)
    work=(
        "$program"
        --manager-file /shared/out/manager.json
        --password-file /shared/password
        --cores auto --memory auto --disk auto
        --wall-time auto --work-dir "$folder"
    )
fi

# The command below is told of the job's end as well as this shell, which waits for it.
trap : TERM

# As a step, so that Slurm tells it of the time limit. Some versions forget the step's cores.
srun --ntasks=1 --cpus-per-task="${SLURM_CPUS_PER_TASK:-$SLURM_CPUS_ON_NODE}" \
    "${work[@]}"
