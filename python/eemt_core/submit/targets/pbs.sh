#!/bin/bash
$directives

$job_end

$setup
set -euo pipefail

# PBS has no arrays of one job.
: "${PBS_ARRAY_INDEX:=1}"

# A folder of this job's own, which goes with it. The command below is told of the job's end as well
# as this shell, which waits for it.
folder=$(mktemp -d "${TMPDIR:-/tmp}/eemt-XXXXXXXX")
trap 'rm -rf "$folder"' EXIT
trap : TERM

$prepare

$work
