"""A mail server that delivers nothing: each message becomes a file in a folder.

The demo sends through it, so that e-mails to debtors go out as far as Odoo can tell, can be read,
and never leave the machine. Started as ``python -m dev.env.mailbox PORT FOLDER``.
"""

import itertools
import socketserver
import sys
import time
from pathlib import Path

_numbers = itertools.count(1)


class Conversation(socketserver.StreamRequestHandler):
    """One connection of a client, in the little of SMTP that clients need."""

    ANSWERS = {"EHLO": 250, "HELO": 250, "MAIL": 250, "RCPT": 250, "RSET": 250, "NOOP": 250}

    def handle(self):
        """Answer line after line until the client leaves."""
        self.answer(220, "mailbox")
        while line := self.rfile.readline():
            verb = line[:4].decode("ascii", "replace").upper()
            if verb == "DATA":
                self.answer(354, "end with a dot")
                self.server.keep(self.read_message())
                self.answer(250, "kept")
            elif verb == "QUIT":
                self.answer(221, "bye")
                return
            else:
                self.answer(self.ANSWERS.get(verb, 502), "ok" if verb in self.ANSWERS else "no")

    def answer(self, code, text):
        """Send one line to the client."""
        self.wfile.write(f"{code} {text}\r\n".encode())

    def read_message(self):
        """Return a message as it was sent, without the dots that protect the end mark."""
        lines = []
        while (line := self.rfile.readline()) and line.rstrip(b"\r\n") != b".":
            lines.append(line[1:] if line.startswith(b"..") else line)
        return b"".join(lines)


class Mailbox(socketserver.ThreadingTCPServer):
    """The server: listens on 127.0.0.1 only."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port, folder):
        """Listen on a port and keep messages in a folder."""
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        super().__init__(("127.0.0.1", port), Conversation)

    def keep(self, message):
        """Write one message to a file whose name sorts by time."""
        stamp = time.strftime("%Y%m%d-%H%M%S")
        (self.folder / f"{stamp}-{next(_numbers):04}.eml").write_bytes(message)


def main():
    """Serve until ended."""
    with Mailbox(int(sys.argv[1]), sys.argv[2]) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
