"""A mail server for the tests: it speaks SMTP on a port of this machine and keeps what comes."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path


@dataclass
class MailServer:
    port: int
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    folder: Path | None = None  # where each mail is laid down too, for other processes

    def keep(self, mail: EmailMessage) -> None:
        self.mails.append(mail)
        if self.folder:
            (self.folder / f"{len(self.mails):04}.eml").write_bytes(mail.as_bytes())


class _Talk(socketserver.StreamRequestHandler):
    """One connection: the few commands of RFC 5321 that a sender needs."""

    def handle(self) -> None:
        self.answer("220 tests")
        while line := self.rfile.readline():
            command = line.strip().decode().upper()
            if command.startswith("EHLO"):
                self.answer("250-tests", "250 8BITMIME")
            elif command.startswith("RCPT TO:"):
                self.server.kept.recipients.append(
                    line.decode().partition("<")[2].partition(">")[0]
                )
                self.answer("250 OK")
            elif command == "DATA":
                self.answer("354 go on")
                self.server.kept.keep(self.read_mail())
                self.answer("250 OK")
            elif command == "QUIT":
                self.answer("221 bye")
                return
            else:
                self.answer("250 OK")

    def read_mail(self) -> EmailMessage:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return message_from_bytes(b"".join(lines), policy=policy.default)

    def answer(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


@contextmanager
def mail_server(folder: Path | None = None) -> Iterator[MailServer]:
    """
    Run a mail server on a free port, and give what it has been sent.

    :param folder: where each mail is laid down as a file too, named by its number
    """
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Talk) as server:
        server.daemon_threads = True
        server.kept = MailServer(port=server.server_address[1], folder=folder)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server.kept
        finally:
            server.shutdown()
            thread.join()
