"""Three ways for a worker to have the code that runs a task.

``installed``
    The worker's own Python has eemt-core; only the task travels.
``wheel``
    The manager sends this eemt-core, numpy and what packs blocks; the worker needs a Python of the
    same version.
``container``
    The worker starts an image that has eemt-core; it needs docker, podman or apptainer.

A runtime is a shell command and the files that it needs beside the task's folder. The command runs
where these lie, keeps all that it prints in the folder's ``log.txt``, and hands its process over to
the program, so that who ends the command ends the task.
"""
