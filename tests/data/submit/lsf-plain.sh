#!/bin/bash
# LSF reads this from standard input: bsub < FILE
#BSUB -J "eemt[1-1]"

set -euo pipefail

# A folder of this job's own, which goes with it. The command below is told of the job's end as well
# as this shell, which waits for it.
folder=$(mktemp -d "${TMPDIR:-/tmp}/eemt-XXXXXXXX")
trap 'rm -rf "$folder"' EXIT
trap : TERM INT

# What the lines above have put on the PATH, or else ours.
program=$(command -v eemt-worker || echo /opt/eemt/bin/eemt-worker)

"$program" \
    --manager node1.example:9123 \
    --cores auto --memory auto --disk auto \
    --wall-time auto --work-dir "$folder"
