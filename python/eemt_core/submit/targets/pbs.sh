#!/bin/bash
$directives

$job_end

$setup
set -euo pipefail

# PBS has no arrays of one job.
: "${PBS_ARRAY_INDEX:=1}"

# A folder of this job's own, which goes with it. Its name is known before it is made, so that
# nothing is left where the job is told of its end meanwhile.
folder=$(mktemp -du "${TMPDIR:-/tmp}/eemt-XXXXXXXX")
trap 'trap "" TERM; rm -rf "$folder"' EXIT
trap 'exit 143' TERM
mkdir -m 700 "$folder"

$prepare

# The command below is told of the job's end as well as this shell, which waits for it.
trap : TERM

$work
