"""The page for users of the first workflow: its commands of ours exist, none of theirs lacks."""

import re
import shlex

import pytest

from pages import COMMANDS, DOCS, option_names

PAGE = (DOCS / "coming-from-the-predecessor.md").read_text()
ROWS = [line.strip("|").split(" | ") for line in PAGE.splitlines() if line.startswith("| ")]
OURS = sorted(
    {span for row in ROWS for span in re.findall(r"`(eemt-[a-z]+ [^`]*)`", " ".join(row[1:]))}
)
# of the guide to distributed deployment, in its order
THEIRS = """
git clone
docker-compose --profile distributed up
--scale eemt-worker-2=3
docker run ... --name eemt-master
docker run ... --name eemt-worker
docker-compose.production.yml
apt install docker.io
dnf install docker
usermod -aG docker
docker build -t eemt:ubuntu24.04
docker build -t eemt-web
start-master.py --work-dir
--web-interface --web-port
python /scripts/start-worker.py --master-host
docker swarm init
docker service create
docker swarm join
k8s-eemt-workers.yaml
wget
docker pull
docker save
docker load
scp
python scripts/start-worker.py --master-host
.sbatch
for i in {1..20}; do sbatch
sbatch --array=1-20
.pbs
.lsf
docker logs -f
work_queue_status -M EEMT
firefox http://master-node:5000/monitor
docker stats
docker ps
--dry-run
--verbose
--workers --resources
--stats
docker service ls
kubectl get pods
docker-compose ps
docker-compose logs -f
docker-compose up --scale
docker-compose top
/etc/eemt/master.conf
/etc/eemt/worker.conf
ssh -L 9123:master-internal:9123
openssl rand -base64 32
netstat -an
work_queue_worker --version
makeflow --version
docker info
start-master.py --log-level DEBUG
telnet
ping
ufw status
iptables -L
which work_queue_worker
work_queue_worker --help
htop
iostat
df -h
iperf3
docker run -it --rm
two masters
--gpu 1
""".strip().splitlines()


@pytest.mark.parametrize("command", OURS)
def test_our_commands_have_the_options_that_it_gives_them(command):
    program, *arguments = shlex.split(command)
    options = {word.partition("=")[0] for word in arguments if word.startswith("-")}
    assert options <= option_names(COMMANDS[program])


def test_every_command_of_the_guide_is_in_the_first_column():
    theirs = " ".join(row[0] for row in ROWS)
    assert [command for command in THEIRS if command not in theirs] == []
