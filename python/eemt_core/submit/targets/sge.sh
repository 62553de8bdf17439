#!/bin/bash
$directives

$job_end

$setup
set -euo pipefail

# A folder of this job's own, which goes with it. Its name is known before it is made, so that
# nothing is left where the job is told of its end meanwhile.
folder=$(mktemp -du "${TMPDIR:-/tmp}/eemt-XXXXXXXX")
trap 'trap "" USR1 USR2 TERM; rm -rf "$folder"' EXIT
trap 'exit 143' USR1 USR2 TERM
mkdir -m 700 "$folder"

$prepare

# Grid Engine tells all processes of a job of its end by signals that would only kill them. So the
# command does not hear these, but gets SIGTERM from this shell, which waits for it.
trap 'told=yes; kill -TERM "${child-}" 2>/dev/null || :' USR1 USR2 TERM
(
    trap '' USR1 USR2
    exec $work
) &
child=$!
told=yes
while [ "$told" = yes ]; do # a signal ends the waiting, not the command
    told=no
    code=0
    wait "$child" || code=$?
done
exit "$code"
