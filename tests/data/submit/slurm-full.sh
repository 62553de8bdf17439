#!/bin/bash
#SBATCH --job-name=canyon
#SBATCH --array=1-20
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=8
#SBATCH --mem=32768M
#SBATCH --tmp=50000M
#SBATCH --time=04:00:00
#SBATCH --signal=TERM@120
#SBATCH --account=geo-2026
#SBATCH --partition=long
#SBATCH --qos=normal
#SBATCH --constraint='avx2&ssd'
#SBATCH --output=/home/ada/logs/canyon-%A_%a.log
#SBATCH --mail-type=END

# When the job will end by what was asked for, where nobody else tells it.
export EEMT_JOB_END=$(($(date +%s) + 14400))

# Before the strict mode, with which modules and conda do not get along.
module load gcc/12
export PATH=/opt/eemt/bin:$PATH
set -euo pipefail

# A folder of this job's own, which goes with it. Its name is known before it is made, so that
# nothing is left where the job is told of its end meanwhile.
folder=$(mktemp -du "${SLURM_TMPDIR:-${TMPDIR:-/tmp}}/eemt-XXXXXXXX")
trap 'trap "" TERM; rm -rf "$folder"' EXIT
trap 'exit 143' TERM
mkdir -m 700 "$folder"

# What the lines above have put on the PATH, or else ours.
program=$(command -v eemt-worker || echo /opt/eemt/bin/eemt-worker)

# The command below is told of the job's end as well as this shell, which waits for it.
trap : TERM

# As a step, so that Slurm tells it of the time limit. Some versions forget the step's cores.
srun --ntasks=1 --cpus-per-task="${SLURM_CPUS_PER_TASK:-$SLURM_CPUS_ON_NODE}" \
    "$program" \
    --manager node1.example:9123 \
    --manager node2.example:9124 \
    --password-file /shared/password \
    --cores auto --memory auto --disk 45000M \
    --wall-time auto --work-dir "$folder"
