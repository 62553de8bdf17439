#!/bin/bash
#$ -S /bin/bash
#$ -N eemt
#$ -t 1-3
#$ -j y
#$ -notify
#$ -pe smp 2
#$ -l h_vmem=2048M
#$ -l h_rt=1800

# When the job will end by what was asked for, where nobody else tells it.
export EEMT_JOB_END=$(($(date +%s) + 1800))

set -euo pipefail

# A folder of this job's own, which goes with it. Its name is known before it is made, so that
# nothing is left where the job is told of its end meanwhile.
folder=$(mktemp -du "${TMPDIR:-/tmp}/eemt-XXXXXXXX")
trap 'trap "" USR1 USR2 TERM; rm -rf "$folder"' EXIT
trap 'exit 143' USR1 USR2 TERM
mkdir -m 700 "$folder"

# The first job has the manager and a worker beside it; all others are workers that find
# it by a file in the run's folder. A run that was there before goes on.
if [ "${SGE_TASK_ID:-1}" = 1 ]; then
    cd /home/ada
    # What the lines above have put on the PATH, or else ours.
    program=$(command -v eemt-run || echo /opt/eemt/bin/eemt-run)
    work=(
        "$program" 'my dem.tif' --days '1,172'
        -o /shared/out --resume --manager-port 0 --workers 1 --password-file /shared/password
    )
else
    # What the lines above have put on the PATH, or else ours.
    program=$(command -v eemt-worker || echo /opt/eemt/bin/eemt-worker)
    work=(
        "$program"
        --manager-file /shared/out/manager.json
        --password-file /shared/password
        --cores auto --memory 3840M --disk auto
        --wall-time auto --work-dir "$folder"
    )
fi

# Grid Engine tells all processes of a job of its end by signals that would only kill them. So the
# command does not hear these, but gets SIGTERM from this shell, which waits for it.
trap 'told=yes; kill -TERM "${child-}" 2>/dev/null || :' USR1 USR2 TERM
(
    trap '' USR1 USR2
    exec "${work[@]}"
) &
child=$!
told=yes
while [ "$told" = yes ]; do # a signal ends the waiting, not the command
    told=no
    code=0
    wait "$child" || code=$?
done
exit "$code"
