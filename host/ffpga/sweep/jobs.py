"""Jobs for a cluster, each done once: its answer is kept in a file, and what has a file is not done again."""

import hashlib
import json
import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ..errors import FfpgaError
from ..files import write_whole

#: A worker leaves it to the command to end on Ctrl-C.
_PRELOAD = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"

#: Seconds within which a worker that died is there again; a cluster's end waits no longer for it.
_RESTART = 30


@dataclass(frozen=True)
class Job:
    """A function to call on a worker, and the file of its answer.

    Parameters
    ----------
    folder : Path
        Of the answer's file, on the side of the client.
    function : callable
        Gets the request as keyword arguments and returns what JSON can hold.
    request : str
        JSON object of all that the answer depends on; the file is named by its hash. See `Job.of`.
    """

    folder: Path
    function: Callable[..., dict[str, Any]]
    request: str

    @classmethod
    def of(cls, folder: Path, function: Callable[..., dict[str, Any]], **request: Any) -> "Job":
        """A job by its keyword arguments."""
        return cls(folder, function, json.dumps(request, sort_keys=True))

    @property
    def key(self) -> str:
        """Hash of the request and of the version that answers it."""
        return hashlib.sha256(f"{version('ffpga')} {self.request}".encode()).hexdigest()[:16]

    @property
    def path(self) -> Path:
        """The answer's file."""
        return self.folder / f"{self.key}.json"

    def stored(self) -> dict[str, Any] | None:
        """The answer of a former run; None where there is none."""
        try:
            held = json.loads(self.path.read_text())
            return held["figures"] if held["request"] == json.loads(self.request) else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def store(self, figures: dict[str, Any]) -> None:
        """Keeps an answer."""
        held = {"request": json.loads(self.request), "figures": figures}
        write_whole(self.path, (json.dumps(held, indent=1) + "\n").encode())


def _processors() -> int:
    """Those that this process may use, where the system says."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def cluster(scheduler: str | None = None, workers: int | None = None) -> Iterator[Any]:
    """A client of a scheduler, or of a local cluster of processes that ends with it.

    Parameters
    ----------
    scheduler : str, optional
        Address of a running one, such as ``tcp://host:8786``.
    workers : int, optional
        Processes of the local cluster; as many as there are CPUs if nobody says otherwise.

    Raises
    ------
    FfpgaError
        dask.distributed is not installed, or the scheduler does not answer.
    """
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise FfpgaError(f"sweeps need {error.name or error}: pip install 'ffpga[sweep]'") from None
    if scheduler is not None:
        logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # a scheduler that is gone is told of below
        try:
            client = Client(scheduler, timeout="10s")
        except (OSError, ValueError) as error:
            raise FfpgaError(f"scheduler {scheduler} does not answer ({error}): check the address") from None
        with client:
            yield client
        return
    count = workers or _processors()
    with (
        tempfile.TemporaryDirectory(prefix="ffpga-sweep-", ignore_cleanup_errors=True) as scratch,
        LocalCluster(
            n_workers=count,
            threads_per_worker=1,
            memory_limit=None,
            dashboard_address="127.0.0.1:0",
            local_directory=scratch,
            silence_logs=logging.CRITICAL,  # a worker that dies is told of in the table
            preload=[_PRELOAD],
        ) as processes,
        Client(processes) as client,
    ):
        yield client
        # A cluster that closes while a worker that died is started again may join a process that was not started yet.
        with suppress(TimeoutError):
            client.wait_for_workers(count, timeout=_RESTART)


def run_jobs(client: Any, jobs: list[Job], on_end: Callable[[Job, dict[str, Any]], None]) -> None:
    """Does jobs side by side and keeps their answers as they come.

    A job whose worker dies is done again elsewhere, as often as the scheduler allows failures, and once more by
    itself: a death is held against all jobs that the worker had been given. An exception is tried twice.

    Parameters
    ----------
    client
        See `cluster`.
    on_end
        Called with each job and its answer, or ``{"error": message}``, which is not kept.
    """
    from distributed import KilledWorker

    suspects = []
    for job, answer in _answers(client, jobs):
        if isinstance(answer, KilledWorker):
            suspects.append(job)
        else:
            on_end(job, _kept(job, answer))
    for suspect in suspects:
        for job, answer in _answers(client, [suspect], "-alone"):
            on_end(job, _kept(job, answer))


def _answers(client: Any, jobs: list[Job], suffix: str = "") -> Iterator[tuple[Job, dict[str, Any] | BaseException]]:
    """Each job with its answer or what became of it, in the order of their ends."""
    from distributed import as_completed

    futures = {
        client.submit(job.function, **json.loads(job.request), key=f"ffpga-{job.key}{suffix}", retries=1): job
        for job in jobs
    }
    for future in as_completed(futures):
        if future.cancelled():
            raise FfpgaError("the scheduler is gone: start it and give the same command again, which goes on from here")
        yield futures[future], future.exception() or future.result()


def _kept(job: Job, answer: dict[str, Any] | BaseException) -> dict[str, Any]:
    """The answer, now in its file, or what went wrong, in one line."""
    from distributed import KilledWorker

    if isinstance(answer, KilledWorker):
        return {"error": f"its worker died, each of {answer.allowed_failures + 1} times"}
    if isinstance(answer, BaseException):
        said = (str(answer).splitlines() or [""])[0]
        return {"error": said if isinstance(answer, FfpgaError) else f"{type(answer).__name__}: {said}"}
    job.store(answer)
    return answer
