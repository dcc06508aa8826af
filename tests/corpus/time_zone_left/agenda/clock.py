import subprocess
import sys
import time


def offset():
    """What is added to UTC on this machine, like +0100."""
    return time.strftime("%z", time.localtime(0))


def offset_of_a_child():
    code = "import time; print(time.strftime('%z', time.localtime(0)))"
    command = [sys.executable, "-S", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
