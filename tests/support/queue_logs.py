"""Lines as Work Queue prints them, of two releases, about hosts that do not exist."""

HELLO_9 = b"""\
2026/03/01 10:00:00.10 work_queue_python[77] wq: workers connections -- known: 0, connecting: 0, available: 0.
2026/03/01 10:00:00.10 work_queue_python[77] wq: Master advertising as alpha:9123
2026/03/01 10:00:01.20 work_queue_python[77] wq: worker 192.0.2.7:40100 connected
2026/03/01 10:00:01.20 work_queue_python[77] wq: rx from unknown (192.0.2.7:40100): workqueue 9 beta Linux x86_64 8.0.0
2026/03/01 10:00:01.20 work_queue_python[77] wq: 1 workers are connected in total now
2026/03/01 10:00:01.20 work_queue_python[77] wq: beta (192.0.2.7:40100) running CCTools version 8.0.0 on Linux (operating system) with architecture x86_64 is ready
2026/03/01 10:00:01.20 work_queue_python[77] wq: rx from beta (192.0.2.7:40100): info worker-id worker-b0
2026/03/01 10:00:01.21 work_queue_python[77] wq: rx from beta (192.0.2.7:40100): resource cores 4 4 4
2026/03/01 10:00:01.22 work_queue_python[77] wq: Task 1 state change: WAITING (1) to RUNNING (2)
2026/03/01 10:00:02.00 work_queue_python[77] notice: worker (192.0.2.9:40200) is using work queue protocol 11, but I am using protocol 9
2026/03/01 10:00:02.10 work_queue_python[77] notice: worker (192.0.2.9:40202) is attempting to use a password, but I do not have one.
2026/03/01 10:00:02.20 work_queue_python[77] auth: peer is not using password authentication.
2026/03/01 10:00:02.20 work_queue_python[77] notice: worker 192.0.2.9:40204 presented the wrong password
2026/03/01 10:00:02.30 work_queue_python[77] auth: peer did not send correct response
2026/03/01 10:00:02.30 work_queue_python[77] notice: worker 192.0.2.9:40206 presented the wrong password
2026/03/01 10:00:02.40 work_queue_python[77] wq: rx from unknown (192.0.2.9:40208): workqueue 0 eemt-probe Linux x86_64 0
2026/03/01 10:00:02.40 work_queue_python[77] notice: worker (192.0.2.9:40208) is using work queue protocol 0, but I am using protocol 9
2026/03/01 10:00:03.00 work_queue_python[77] wq: rx from beta (192.0.2.7:40100): info vacating 15
2026/03/01 10:00:03.10 work_queue_python[77] wq: worker beta (192.0.2.7:40100) removed
""".splitlines()  # noqa: E501

# the later release leaves out a blank, names the refusal otherwise and can encrypt
HELLO_11 = [
    line.replace(b"[77] ", b"[77]")
    .replace(b"workqueue 9 ", b"workqueue 11 ")
    .replace(
        b"worker (192.0.2.9:40200) is using work queue protocol 11, but I am using protocol 9",
        b"rejecting worker (192.0.2.9:40200) as it uses protocol 11. The manager is using "
        b"protocol 12.",
    )
    .replace(
        b"worker (192.0.2.9:40208) is using work queue protocol 0, but I am using protocol 9",
        b"rejecting worker (192.0.2.9:40208) as it uses protocol 0. The manager is using "
        b"protocol 12.",
    )
    .replace(b"Master advertising as alpha:9123", b"Work Queue is listening on port 9123.")
    .replace(b"resource cores 4 4 4", b"resource cores 4.000000 4.000000 4.000000")
    for line in HELLO_9
]

TRANSACTIONS = b"""\
# time manager_pid WORKER worker_id host:port CONNECTION
# time manager_pid TASK taskid RUNNING worker_address (FIRST_RESOURCES|MAX_RESOURCES) {resources_allocated}

1772359200100000 77 MANAGER START
1772359200200000 77 TASK 1 WAITING default FIRST_RESOURCES {"memory":[100,"MB"],"disk":[100,"MB"],"cores":[1,"cores"]}
1772359201200000 77 WORKER worker-b0 192.0.2.7:40100  CONNECTION
1772359201210000 77 WORKER worker-b0 RESOURCES {"memory":[8000,"MB"],"disk":[9000,"MB"],"cores":[4,"cores"]}
1772359201220000 77 TASK 1 RUNNING 192.0.2.7:40100  FIRST_RESOURCES {"memory":[100,"MB"],"disk":[100,"MB"],"gpus":[0,"gpus"],"cores":[1,"cores"]}
1772359202000000 77 WORKER (null) 192.0.2.9:40200  DISCONNECTION FAILURE
1772359203100000 77 WORKER worker-b0 192.0.2.7:40100  DISCONNECTION FAILURE
1772359203110000 77 TASK 1 WAITING default FIRST_RESOURCES {"memory":[100,"MB"],"disk":[100,"MB"],"cores":[1,"cores"]}
1772359204000000 77 MANAGER END
""".splitlines()  # noqa: E501
