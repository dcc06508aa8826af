from engine import safety

LIMIT_C = 90


class Engine:
    def __init__(self):
        self.heat_c = 20
        self.running = True

    def run(self, minutes):
        self.heat_c += 7 * minutes
        if self.heat_c > LIMIT_C:
            self.running = False
            safety.emergency(f"{self.heat_c} degrees")

    def cool(self):
        self.heat_c = max(20, self.heat_c - 30)
