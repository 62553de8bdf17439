#!/bin/bash
# LSF reads this from standard input: bsub < FILE
#BSUB -J "eemt[1-1]"

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
    --cores auto --memory auto --disk auto \
    --wall-time auto --work-dir "$folder"
