#!/bin/bash
# LSF reads this from standard input: bsub < FILE
#BSUB -J "canyon[1-20]"
#BSUB -n 8
#BSUB -R "span[hosts=1]"
#BSUB -M 32768MB
#BSUB -R "rusage[mem=32768MB]"
#BSUB -R "rusage[tmp=50000MB]"
#BSUB -W 4:00
#BSUB -wa TERM
#BSUB -wt 2
#BSUB -P geo-2026
#BSUB -q long
#BSUB -R "select[avx2 && ncpus > 8]"
#BSUB -o /home/ada/logs/canyon-%J.%I.log
#BSUB -N

# When the job will end by what was asked for, where nobody else tells it.
export EEMT_JOB_END=$(($(date +%s) + 14400))

# Before the strict mode, with which modules and conda do not get along.
module load gcc/12
export PATH=/opt/eemt/bin:$PATH
set -euo pipefail

# A folder of this job's own, which goes with it. Its name is known before it is made, so that
# nothing is left where the job is told of its end meanwhile.
folder=$(mktemp -du "${TMPDIR:-/tmp}/eemt-XXXXXXXX")
trap 'trap "" TERM INT; rm -rf "$folder"' EXIT
trap 'exit 143' TERM INT
mkdir -m 700 "$folder"

# What the lines above have put on the PATH, or else ours.
program=$(command -v eemt-worker || echo /opt/eemt/bin/eemt-worker)

# The command below is told of the job's end as well as this shell, which waits for it.
trap : TERM INT

"$program" \
    --manager node1.example:9123 \
    --manager node2.example:9124 \
    --password-file /shared/password \
    --cores auto --memory 31130M --disk 45000M \
    --wall-time auto --work-dir "$folder"
