#!/bin/bash
# LSF reads this from standard input: bsub < FILE
#BSUB -J "eemt[1-3]"
#BSUB -n 2
#BSUB -R "span[hosts=1]"
#BSUB -M 4096MB
#BSUB -R "rusage[mem=4096MB]"
#BSUB -W 0:30
#BSUB -wa TERM
#BSUB -wt 2

# When the job will end by what was asked for, where nobody else tells it.
export EEMT_JOB_END=$(($(date +%s) + 1800))

set -euo pipefail

# A folder of this job's own, which goes with it. Its name is known before it is made, so that
# nothing is left where the job is told of its end meanwhile.
folder=$(mktemp -du "${TMPDIR:-/tmp}/eemt-XXXXXXXX")
trap 'trap "" TERM INT; rm -rf "$folder"' EXIT
trap 'exit 143' TERM INT
mkdir -m 700 "$folder"

# The first job has the manager and a worker beside it; all others are workers that find
# it by a file in the run's folder. A run that was there before goes on.
if [ "${LSB_JOBINDEX:-1}" = 1 ]; then
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

# The command below is told of the job's end as well as this shell, which waits for it.
trap : TERM INT

"${work[@]}"
