import queue
import threading


class Worker:
    """Does jobs in a thread, until it is stopped."""

    def __init__(self):
        self._jobs = queue.Queue()
        self.thread = threading.Thread(target=self._work, name="jobs-worker", daemon=True)

    def start(self):
        self.thread.start()
        return self

    def do(self, job):
        self._jobs.put(job)

    def join(self):
        """Wait until all jobs are done."""
        self._jobs.join()

    def stop(self):
        self._jobs.put(None)
        self.thread.join()

    def _work(self):
        while True:
            job = self._jobs.get()
            if job is None:
                return
            job()
            self._jobs.task_done()
