#!/usr/bin/env python3
"""A mail server that lies: smtp_liar.py PORT-FILE SCENARIO [DIR]. It writes its port into PORT-FILE, serves one
connection after the other until it is killed, and keeps what it was told in DIR/said (one line a command, the
letter's end as "."). With TLS: DIR/../ca/cert.pem."""
import base64, hashlib, hmac, os, socket, ssl, sys, threading, time

port_file, scenario, folder = sys.argv[1], sys.argv[2], sys.argv[3]
ca = sys.argv[4] if len(sys.argv) > 4 else None
log = open(os.path.join(folder, "said"), "a", buffering=1)

OFFER = ["liar", "PIPELINING", "SIZE 100000", "8BITMIME", "ENHANCEDSTATUSCODES", "DSN"]


class Talk:
    def __init__(self, sock):
        self.sock = sock
        self.file = sock.makefile("rb")
        self.tls = False

    def send(self, text):
        self.sock.sendall(text.encode())

    def line(self):
        data = self.file.readline()
        if not data:
            raise EOFError
        text = data.decode("latin-1").rstrip("\r\n")
        log.write(("T " if self.tls else "C ") + text + "\n")
        return text

    def start_tls(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        name = "other" if scenario == "wrong-name" else "cert"
        context.load_cert_chain(ca + "/" + name + ".pem", ca + "/" + name + ".key.pem")
        self.sock = context.wrap_socket(self.sock, server_side=True)
        self.file = self.sock.makefile("rb")
        self.tls = True

    def letter(self):
        size = 0
        while True:
            data = self.file.readline()
            if not data:
                raise EOFError
            if data == b".\r\n":
                log.write(".\n")
                return size
            size += len(data)


def today():
    """What the server of scenario "promised" is like now: DIR/today."""
    try:
        return open(os.path.join(folder, "today")).read().strip()
    except OSError:
        return ""


def scram(talk, text, password):
    """An honest one (RFC 5802, 7677)."""
    bare = base64.b64decode(text.split()[2]).decode().split(",", 2)[2]
    first = "r=%sx,s=AAAA,i=4096" % bare.split("r=")[1]
    talk.send("334 " + base64.b64encode(first.encode()).decode() + "\r\n")
    final = base64.b64decode(talk.line()).decode()
    salted = hashlib.pbkdf2_hmac("sha256", password, base64.b64decode("AAAA"), 4096)
    said = (bare + "," + first + "," + final.split(",p=")[0]).encode()

    def mac(key, data):
        return hmac.new(key, data, "sha256").digest()

    key = mac(salted, b"Client Key")
    proof = bytes(a ^ b for a, b in zip(key, mac(hashlib.sha256(key).digest(), said)))
    if base64.b64decode(final.split(",p=")[1]) != proof:
        return talk.send("535 5.7.8 wrong\r\n")
    signature = base64.b64encode(mac(mac(salted, b"Server Key"), said)).decode()
    talk.send("334 " + base64.b64encode(("v=" + signature).encode()).decode() + "\r\n")
    talk.line()
    talk.send("235 in\r\n")


def offer(talk):
    words = list(OFFER)
    if scenario.startswith("starttls") and not talk.tls and scenario != "starttls-stripped":
        words.append("STARTTLS")
    if scenario in ("auth", "auth-forever", "scram-liar", "auth-later", "auth-hangup"):
        words.append("AUTH SCRAM-SHA-256 PLAIN" if scenario == "scram-liar" else "AUTH PLAIN LOGIN")
    if scenario == "promised":
        words.append({"": "AUTH SCRAM-SHA-256 PLAIN", "plain": "AUTH PLAIN LOGIN", "refused": "AUTH SCRAM-SHA-256 PLAIN",
                      "none": "X"}[today()])
    if scenario == "starttls-injected-auth" and not talk.tls:
        words.append("AUTH PLAIN")
    if scenario.startswith("stall"):
        words[2] = "SIZE 100000000"
    if scenario == "utf8":
        words.append("SMTPUTF8")
    if scenario == "plain":
        words = ["liar"]
    if scenario == "many-lines":
        talk.send("".join("250-X%d\r\n" % i for i in range(100000)))
    talk.send("".join("250-%s\r\n" % w for w in words[:-1]) + "250 %s\r\n" % words[-1])


def auth(talk, text):
    if scenario == "promised":
        if "PLAIN" in text:
            return talk.send("235 in\r\n")
        return scram(talk, text, b"alice-pw") if today() == "" else talk.send("535 5.7.8 not so\r\n")
    if scenario == "auth-hangup":
        talk.send("535 5.7.8 go away\r\n")
        raise EOFError
    if scenario == "auth-later":
        return talk.send("454 4.7.0 the user base is away\r\n")
    if scenario == "auth":
        return talk.send("535 5.7.8 \033[31mwrong\a password\r\n")
    if scenario == "auth-forever":
        for _ in range(100000):
            talk.send("334 AAAA\r\n")
            if talk.line() == "*":
                return talk.send("501 well\r\n")
    if scenario == "scram-liar":
        first = base64.b64decode(text.split()[2]).decode()
        nonce = first.split("r=")[1]
        talk.send("334 " + base64.b64encode(("r=%sx,s=AAAA,i=4096" % nonce).encode()).decode() + "\r\n")
        talk.line()
        talk.send("334 " + base64.b64encode(b"v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").decode() + "\r\n")
        if talk.line() == "*":
            talk.send("501 well\r\n")
        else:
            talk.send("235 in\r\n")


rejected = 0
letters_taken = 0


def data(talk):
    global rejected, letters_taken
    if scenario == "no-data":
        return talk.send("451 4.3.0 not now\r\n")
    if scenario == "no-354":
        return talk.send("250 ok\r\n")
    if scenario == "early-250":
        return talk.send("354 go\r\n250 2.0.0 have it\r\n")
    talk.send("354 go\r\n")
    if scenario == "stall-text":
        talk.file.read(1000000)
        time.sleep(600)
    if scenario == "early-552":
        talk.file.read(10)
        talk.send("552 5.3.4 too big for me\r\n")
        raise EOFError
    talk.letter()
    letters_taken += 1
    if scenario == "stall-end" or (scenario == "stall-third" and letters_taken == 3):
        time.sleep(600)
    answers = {
        "mixed": "250-ok\r\n550 no\r\n",
        "late-550": "250 2.0.0 ok\r\n550 5.7.1 no\r\n",
        "end-550": "550 5.7.1 spam\r\n",
        "end-450": "450 4.7.1 later\r\n",
        "garbage": "\x00\x01\x02 what\r\n",
        "end-354": "354 more\r\n",
        "escape": "550 5.7.1 \033]0;owned\a\x9b31m no\r\n",
        "huge-line": "250 " + "x" * 3000000 + "\r\n",
    }
    if scenario == "cut-after-data":
        raise EOFError
    talk.send(answers.get(scenario, "250 2.0.0 ok\r\n"))
    if scenario == "cut-after-250":
        raise EOFError


def serve(sock):
    talk = Talk(sock)
    if scenario in ("wrong-name", "implicit"):
        talk.start_tls()
    if scenario == "slow-421":
        time.sleep(3)
        return talk.send("421 4.3.2 shutting down\r\n")
    if scenario == "stall-greeting":
        time.sleep(600)
    if scenario == "no-greeting":
        return talk.send("HTTP/1.1 400 Bad Request\r\n\r\n")
    if scenario == "greet-554":
        return talk.send("554 5.7.1 not you\r\n")
    if scenario == "greet-421":
        return talk.send("421 4.3.2 shutting down\r\n")
    talk.send("220-hello\r\n220 there\r\n" if scenario != "greet-junk" else "220-hello\r\n550 there\r\n")
    letters = 0
    while True:
        text = talk.line()
        word = text.split(":")[0].split(" ")[0].upper()
        if word in ("EHLO", "LHLO"):
            offer(talk)
        elif word == "STARTTLS":
            if scenario == "starttls-refused":
                talk.send("454 4.7.0 not now\r\n")
                continue
            extra = "250 injected\r\n" if scenario == "starttls-injected" else ""
            talk.send("220 go\r\n" + extra)
            talk.start_tls()
        elif word == "AUTH":
            auth(talk, text)
        elif word == "MAIL":
            if scenario == "mail-550":
                talk.send("550 5.1.8 not this sender\r\n")
            elif scenario == "cut-after-mail":
                raise EOFError
            else:
                talk.send("250 2.1.0 ok\r\n")
        elif word == "RCPT":
            who = text.lower()
            if "never" in who:
                talk.send("550-5.1.1 there is no\r\n550 5.1.1 such person\r\n")
            elif "later" in who:
                talk.send("450 4.2.1 mailbox busy\r\n")
            else:
                talk.send("250 2.1.5 ok\r\n")
        elif word == "DATA":
            data(talk)
            letters += 1
            if scenario == "one-letter":
                talk.send("421 4.7.0 enough\r\n")
                raise EOFError
        elif word == "QUIT":
            talk.send("221 bye\r\n")
            return
        else:
            talk.send("250 2.0.0 ok\r\n")


def run(sock):
    try:
        serve(sock)
    except (EOFError, OSError, ValueError, IndexError):
        pass
    finally:
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        sock.close()


listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 0))
listener.listen(50)
with open(port_file + ".new", "w") as out:
    out.write(str(listener.getsockname()[1]))
os.rename(port_file + ".new", port_file)
while True:
    client, _ = listener.accept()
    log.write("--\n")
    threading.Thread(target=run, args=(client,), daemon=True).start()
