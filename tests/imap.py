"""A small real IMAP server for the tests: one account, one folder, the few commands that reading bounces takes."""

import re
import socketserver
import ssl
import threading
from dataclasses import dataclass, field

USER, PASSWORD = "retours", 'mot de passe "difficile"'


@dataclass
class Message:
    """One message, and its flags."""

    content: bytes
    flags: set[str] = field(default_factory=set)


class ImapServer(socketserver.ThreadingTCPServer):
    """Start it, fill `messages`, read what became of them."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.tls = tls
        self.messages: dict[int, Message] = {}
        self.folders: list[str] = []
        self.hang_up_at: str | None = None
        """A command on which it closes the connection."""

    def __enter__(self) -> "ImapServer":
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that breaks off is part of a test."""

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def add(self, content: bytes) -> None:
        """A message arrives."""
        self.messages[max(self.messages, default=0) + 1] = Message(content)


class _Session(socketserver.StreamRequestHandler):
    server: ImapServer

    def setup(self) -> None:
        if self.server.tls is not None:
            self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        super().setup()

    def handle(self) -> None:
        self._say("* OK ready")
        for line in self.rfile:
            tag, _, command = line.decode().strip().partition(" ")
            if self.server.hang_up_at and self.server.hang_up_at in command:
                return
            self._say(f"{tag} {self._answer(command)}")
            if command == "LOGOUT":
                return

    def _answer(self, command: str) -> str:
        name = command.removeprefix("UID ").partition(" ")[0]
        answer = getattr(self, f"_{name.lower()}", None)
        return answer(command) if answer else "BAD what"

    def _capability(self, _: str) -> str:
        self._say("* CAPABILITY IMAP4rev1")
        return "OK done"

    def _login(self, command: str) -> str:
        quoted = PASSWORD.replace('"', '\\"')
        return "OK done" if command == f'LOGIN {USER} "{quoted}"' else "NO wrong"

    def _select(self, command: str) -> str:
        self.server.folders.append(command.partition(" ")[2])
        self._say(f"* {len(self.server.messages)} EXISTS")
        return "OK [READ-WRITE] done"

    def _search(self, _: str) -> str:
        waiting = [str(uid) for uid, message in self.server.messages.items() if not message.flags]
        self._say(f"* SEARCH {' '.join(waiting)}".strip())
        return "OK done"

    def _fetch(self, command: str) -> str:
        found = re.fullmatch(r"UID FETCH (\d+) \(BODY\.PEEK\[\]<0\.(\d+)>\)", command)
        assert found
        content = self.server.messages[int(found[1])].content[: int(found[2])]
        self._say(f"* {found[1]} FETCH (UID {found[1]} BODY[]<0> {{{len(content)}}}")
        self.wfile.write(content + b")\r\n")
        return "OK done"

    def _store(self, command: str) -> str:
        found = re.fullmatch(r"UID STORE (\d+) \+FLAGS\.SILENT \((\\\w+)\)", command)
        assert found
        self.server.messages[int(found[1])].flags.add(found[2])
        return "OK done"

    def _expunge(self, _: str) -> str:
        kept = {uid: one for uid, one in self.server.messages.items() if "\\Deleted" not in one.flags}
        self.server.messages = kept
        return "OK done"

    def _logout(self, _: str) -> str:
        self._say("* BYE")
        return "OK done"

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")
