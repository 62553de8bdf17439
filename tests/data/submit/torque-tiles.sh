#!/bin/bash
#PBS -N eemt
#PBS -t 1-3
#PBS -l nodes=1:ppn=2
#PBS -l mem=4096mb
#PBS -l walltime=00:30:00
#PBS -j oe

# When the job will end by what was asked for, where nobody else tells it.
export EEMT_JOB_END=$(($(date +%s) + 1800))

set -euo pipefail

# A folder of this job's own, which goes with it. Its name is known before it is made, so that
# nothing is left where the job is told of its end meanwhile.
folder=$(mktemp -du "${TMPDIR:-/tmp}/eemt-XXXXXXXX")
trap 'trap "" TERM; rm -rf "$folder"' EXIT
trap 'exit 143' TERM
mkdir -m 700 "$folder"

# Which lines of tiles.txt are this job's.
first=$(((PBS_ARRAYID - 1) * 4 + 1))
last=$((first + 3 < 10 ? first + 3 : 10))

# What the lines above have put on the PATH, or else ours.
program=$(command -v eemt-tile || echo /opt/eemt/bin/eemt-tile)

# The command below is told of the job's end as well as this shell, which waits for it.
trap : TERM

"$program" \
    --wall-time auto /shared/tiles "$first-$last"
