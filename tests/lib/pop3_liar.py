"""A POP3 server for tests: what it gives out lies in a folder (one file a message, removed by DELE and QUIT), and it
lies, cuts or dawdles as it is told.

    pop3_liar.py FOLDER PORT-FILE SCENARIO [NUMBER]

With the first QUIT comes what lies in FOLDER.next. Scenarios: honest; cut NUMBER (the connection ends after so many bytes of ours, once; honest afterwards); others by
name in SCENARIOS; PORT-FILE.scenario, when it is there, names another for the next connections. Each
connection is served in turn, on 127.0.0.1 only."""
import base64
import os
import socket
import sys

folder, port_file, scenario = sys.argv[1:4]
number = int(sys.argv[4]) if len(sys.argv) > 4 else 0
ESC = b"\x1b]0;owned\x07\x1b[31m"


class Cut(Exception):
    pass


class Session:
    def __init__(self, connection, budget):
        self.connection = connection
        self.reader = connection.makefile("rb")
        self.budget = budget
        self.names = sorted(os.listdir(folder))
        self.marked = set()

    def say(self, data):
        if self.budget is not None:
            piece = data[: self.budget]
            self.budget -= len(piece)
            self.connection.sendall(piece)
            if len(piece) < len(data):
                raise Cut()
            return
        self.connection.sendall(data)

    def line(self, text):
        self.say(text + b"\r\n")

    def body(self, at):
        with open(os.path.join(folder, self.names[at - 1]), "rb") as file:
            return file.read()

    def uid(self, at):
        if scenario == "same-uids":
            return b"same"
        if scenario == "odd-uids":
            return [b"../../../etc/passwd", b"", ESC, b"x" * 10000, b"a b c", b"\xff\xfe", b"/", b"%s%n"][at % 8]
        return self.names[at - 1].encode()

    def listing(self, each):
        self.line(b"+OK")
        for at in range(1, len(self.names) + 1):
            if at not in self.marked:
                self.line(each(at))
        if scenario == "odd-numbers" and self.names:
            for text in (b"0 5", b"4294967296 5", b"-1 5", b"1 99999999999999999999999", b"1", b"", b"x y", b"3 3 3"):
                self.line(text)
        if scenario == "endless-list":
            while True:
                self.say(b"99 1\r\n" * 1000)
        self.line(b".")

    def retrieve(self, at):
        body = self.body(at)
        second = self.names[at - 1] == "m0002"
        if scenario == "endless-letter" and second:
            self.say(b"+OK\r\nSubject: letter 2\r\n\r\n")
            while True:
                self.say(b"and on it goes\r\n" * 1000)
        if scenario == "refuse-second" and second:
            return self.line(b"-ERR [SYS/TEMP] " + ESC + b" not now")
        if scenario == "no-end" and second:
            self.say(b"+OK\r\nSubject: letter 2\r\n\r\nand then noth")
            raise Cut()
        if scenario == "long-line" and second:
            body = b"Subject: long\r\n\r\n" + b"x" * 5000000 + b"\r\n"
        if scenario == "short" and second:
            body = body[:200] + b"\r\n"
        if scenario == "bare-lf":
            body = body.replace(b"\r\n", b"\n") + b"\r\n"
        self.line(b"+OK")
        self.say(b"".join(b"." + l if l.startswith(b".") else l for l in body.splitlines(keepends=True)))
        self.line(b".")

    def greet(self):
        if scenario == "garbage":
            self.say(os.urandom(3000).replace(b"\n", b"") + b"\n")
        elif scenario == "long-greeting":
            self.say(b"+OK " + b"x" * 3000000 + b"\r\n")
        elif scenario == "no-greeting":
            self.reader.readline()
        elif scenario == "refuse":
            self.line(b"-ERR go away " + ESC)
        else:
            self.line(b"+OK hello " + (ESC if scenario == "escapes" else b""))

    def command(self, text):
        word, _, rest = text.partition(b" ")
        word = word.upper()
        if word == b"CAPA":
            if scenario == "old":
                return self.line(b"-ERR")
            self.line(b"+OK")
            if scenario == "endless-capa":
                while True:
                    self.say(b"X-NEW\r\n" * 1000)
            names = [b"USER", b"PIPELINING"] + ([] if scenario == "no-top" else [b"TOP"]) + ([] if scenario in ("no-uidl", "old") else [b"UIDL"])
            if scenario in ("cram", "cram-gone"):
                names = [b"SASL CRAM-MD5 PLAIN" if scenario == "cram" else b"SASL PLAIN", b"USER", b"UIDL"]
            if scenario == "sasl":
                names = [b"SASL SCRAM-SHA-256 PLAIN", b"UIDL"]
            for name in names:
                self.line(name)
            return self.line(b".")
        if word == b"AUTH":
            if scenario == "sasl":
                for _ in range(1000):
                    self.line(b"+ " + b"QUJD")
                    if not self.reader.readline():
                        raise Cut()
            if scenario == "cram" and rest.upper() == b"CRAM-MD5":
                self.line(b"+ " + base64.b64encode(b"<1.2@x>"))
                self.reader.readline()
                return self.line(b"+OK")
            return self.line(b"-ERR")
        if word == b"PASS" and scenario == "wrong-password":
            return self.line(b"-ERR [AUTH] no " + ESC)
        if word in (b"USER", b"PASS", b"NOOP"):
            return self.line(b"+OK")
        if word == b"STLS":
            return self.line(b"-ERR no TLS here")
        if word == b"LIST":
            return self.listing(lambda at: b"%d %d" % (at, len(self.body(at))))
        if word == b"UIDL":
            if scenario in ("no-uidl", "old", "uidl-refused"):
                return self.line(b"-ERR")
            return self.listing(lambda at: b"%d " % at + self.uid(at))
        if word == b"RETR":
            return self.retrieve(int(rest))
        if word == b"TOP":
            with open(port_file + ".tops", "a") as tops:
                tops.write("%s\n" % rest.decode())
            self.line(b"+OK")
            self.say(self.body(int(rest.split()[0])).partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
            return self.line(b".")
        if word == b"DELE" and scenario == "dele-refused":
            return self.line(b"-ERR not that one " + ESC)
        if word == b"DELE":
            self.marked.add(int(rest))
            return self.line(b"+OK")
        if word == b"QUIT":
            if scenario not in ("quit-refused", "quit-keeps"):
                for at in self.marked:
                    os.unlink(os.path.join(folder, self.names[at - 1]))
            for name in os.listdir(folder + ".next") if os.path.isdir(folder + ".next") else []:
                os.rename(os.path.join(folder + ".next", name), os.path.join(folder, name))
            if scenario == "quit-cut":
                raise Cut()
            self.line(b"-ERR not all removed" if scenario == "quit-refused" else b"+OK bye")
            raise Cut()
        self.line(b"-ERR what?")

    def run(self):
        self.greet()
        for text in iter(self.reader.readline, b""):
            if scenario in ("log-secrets", "cram-gone"):
                with open(port_file + ".heard", "ab") as heard:
                    heard.write(text)
            self.command(text.strip())


listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(5)
with open(port_file + ".new", "w") as file:
    file.write(str(listener.getsockname()[1]))
os.rename(port_file + ".new", port_file)
budget = number if scenario == "cut" else None
while True:
    connection, _ = listener.accept()
    connection.settimeout(20)
    scenario = sys.argv[3]
    if os.path.exists(port_file + ".scenario"):
        with open(port_file + ".scenario") as file:
            scenario = file.read().strip()
    try:
        Session(connection, budget).run()
    except (Cut, OSError, ValueError):
        pass
    budget = None
    connection.close()
