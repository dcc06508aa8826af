"""Reports by mail."""

from email.message import EmailMessage

from reports.export import MONTHLY


def message(to, path=MONTHLY):
    mail = EmailMessage()
    mail["To"] = to
    mail["Subject"] = f"Your report {path.stem}"
    mail.set_content("Please find it attached.")
    mail.add_attachment(path.read_text(encoding="utf-8"), subtype="csv", filename=path.name)
    return mail
