#!/bin/bash
#PBS -N canyon
#PBS -t 1-20
#PBS -l nodes=1:ppn=8:avx2
#PBS -l mem=32768mb
#PBS -l walltime=04:00:00
#PBS -l qos=normal
#PBS -A geo-2026
#PBS -q long
#PBS -j oe
#PBS -o /home/ada/logs/
#PBS -m e

# When the job will end by what was asked for, where nobody else tells it.
export EEMT_JOB_END=$(($(date +%s) + 14400))

# Before the strict mode, with which modules and conda do not get along.
module load gcc/12
export PATH=/opt/eemt/bin:$PATH
set -euo pipefail

# A folder of this job's own, which goes with it. Its name is known before it is made, so that
# nothing is left where the job is told of its end meanwhile.
folder=$(mktemp -du "${TMPDIR:-/tmp}/eemt-XXXXXXXX")
trap 'trap "" TERM; rm -rf "$folder"' EXIT
trap 'exit 143' TERM
mkdir -m 700 "$folder"

# What the lines above have put on the PATH, or else ours.
program=$(command -v eemt-worker || echo /opt/eemt/bin/eemt-worker)

# The command below is told of the job's end as well as this shell, which waits for it.
trap : TERM

"$program" \
    --manager node1.example:9123 \
    --manager node2.example:9124 \
    --password-file /shared/password \
    --cores auto --memory 31130M --disk 45000M \
    --wall-time auto --work-dir "$folder"
