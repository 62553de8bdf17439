#!/bin/bash
# LSF reads this from standard input: bsub < FILE
$directives

$job_end

$setup
set -euo pipefail

# A folder of this job's own, which goes with it. The command below is told of the job's end as well
# as this shell, which waits for it.
folder=$(mktemp -d "${TMPDIR:-/tmp}/eemt-XXXXXXXX")
trap 'rm -rf "$folder"' EXIT
trap : TERM INT

$prepare

$work
