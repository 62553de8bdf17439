#!/bin/bash
#PBS -N eemt
#PBS -J 1-3
#PBS -l select=1:ncpus=2:mem=4096mb
#PBS -l walltime=00:30:00
#PBS -j oe

# When the job will end by what was asked for, where nobody else tells it.
export EEMT_JOB_END=$(($(date +%s) + 1800))

set -euo pipefail

# PBS has no arrays of one job.
: "${PBS_ARRAY_INDEX:=1}"

# A folder of this job's own, which goes with it. Its name is known before it is made, so that
# nothing is left where the job is told of its end meanwhile.
folder=$(mktemp -du "${TMPDIR:-/tmp}/eemt-XXXXXXXX")
trap 'trap "" TERM; rm -rf "$folder"' EXIT
trap 'exit 143' TERM
mkdir -m 700 "$folder"

# The first job has the manager and a worker beside it; all others are workers that find
# it by a file in the run's folder. A run that was there before goes on.
if [ "${PBS_ARRAY_INDEX:-1}" = 1 ]; then
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
trap : TERM

"${work[@]}"
