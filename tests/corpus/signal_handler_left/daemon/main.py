import signal

from daemon.stopping import Stop


def main(steps):
    """Do the steps until a signal comes; returns how many were done."""
    stop = Stop()
    signal.signal(signal.SIGTERM, stop)
    return work(steps, stop)


def work(steps, stop):
    done = 0
    for step in steps:
        if stop.asked:
            break
        step()
        done += 1
    return done
