DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri")


class Week:
    """Meetings by day."""

    def __init__(self):
        self.meetings = {day: [] for day in DAYS}

    def add(self, day, hour, what):
        if any(taken == hour for taken, _ in self.meetings[day]):
            raise ValueError(f"{day} at {hour} is taken")
        self.meetings[day].append((hour, what))

    def on(self, day):
        return sorted(self.meetings[day])

    def count(self):
        return sum(map(len, self.meetings.values()))
