import time

WORK_S = 0.05
"""How long a slow question takes."""


def answer(line):
    word, _, rest = line.partition(" ")
    if word == "shout":
        return rest.upper()
    if word == "slowly":
        time.sleep(WORK_S)
        return rest
    return line
