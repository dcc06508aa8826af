def as_text(week):
    lines = [f"{day} {hour:02}:00 {what}" for day in week.meetings for hour, what in week.on(day)]
    return "\n".join(lines) or "nothing"
