#!/usr/bin/env python3
"""Plays an account on a real IMAP server from both sides at once: two_sides.py DOVECOT_FOLDER PORT SEED OPERATIONS.

Tern works by its commands (move, copy, flag, tag, delete, clear away, letters laid into its Maildirs), another client by
IMAP; in between the connection is cut after some number of bytes, and the worker and the agent are killed. In the end both
sides must have the same letters in the same folders with the same flags and keywords; none may be lost that nobody
removed; none may be there more often than it was copied; none may lack a tag that Tern gave it and nobody took away,
wherever the other moved it (one of these tags can be no keyword). It says "equal" or what is not, and the steps with TERN_TELL=1."""
import collections, hashlib, imaplib, json, os, random, shutil, signal, socket, subprocess, sys, threading, time

dovecot, port, seed, operations = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
home = os.environ["TERN_HOME"]
rng = random.Random(seed)
who = "p%d" % seed
FOLDERS = ["INBOX", "Archive", "lists", "Trash"]
FLAGS = {"\\Seen": "seen", "\\Answered": "answered", "\\Flagged": "flagged", "\\Draft": "draft", "\\Deleted": "deleted",
         "$Forwarded": "forwarded"}
WORDS = ["work", "later"]
OURS = ["kept", "grün", "x%"]
tells = bool(os.environ.get("TERN_TELL"))
begun = time.monotonic()


history = []


def tell(*words):
    history.append("# %6.2f %s %s" % (time.monotonic() - begun, time.strftime("%H:%M:%S"), " ".join(map(str, words))))
    if tells:
        print(history[-1], flush=True)


class Proxy:
    """Between Tern and the server; with a budget each connection ends after so many bytes, either way."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.is_cutting = False
        self.is_away = False
        self.cuts = 0
        self.lefts = []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            client = self.listener.accept()[0]
            if self.is_away:
                client.close()
                continue
            try:
                server = socket.create_connection(("127.0.0.1", port))
            except OSError:
                client.close()
                continue
            for s in client, server:
                s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            left = [self.budget() if self.is_cutting else 1e18]
            self.lefts = self.lefts[-20:] + [left]
            for a, b in (client, server), (server, client):
                threading.Thread(target=self.carry, args=(a, b, left), daemon=True).start()

    def budget(self):
        return rng_cut.choice([300, 1500, 4000, 20000]) * rng_cut.random()

    def toggle(self):
        self.is_cutting = not self.is_cutting
        for left in self.lefts:
            left[0] = self.budget() if self.is_cutting else 1e18

    def carry(self, a, b, left):
        try:
            while True:
                data = a.recv(65536)
                if not data:
                    break
                if len(data) > left[0]:
                    b.sendall(data[:int(left[0])])
                    self.cuts += 1
                    break
                left[0] -= len(data)
                b.sendall(data)
        except OSError:
            pass
        for s in a, b:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


rng_cut = random.Random(seed + 1000000)
proxy = Proxy()
serial = 0
removed, copies = set(), collections.Counter()
kept = set()  # (number, tag)


def letter(number):
    return ("From: a%d@example.org\nTo: %s@example.org\nSubject: letter x%dx\nMessage-ID: <x%d.%d@example.org>\n"
            "Date: Mon, 23 Nov 2026 10:%02d:%02d +0000\n\nHello %s\n" %
            (number, who, number, number, seed, number // 60 % 60, number % 60, "%d " % number * rng.randrange(1, 60)))


def tern(*words, quiet=True):
    done = subprocess.run(["tern", *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=120)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


# --- the other client ---
def connect():
    for i in range(50):
        c = imaplib.IMAP4("127.0.0.1", port)
        try:
            c.login(who, who + "-pw")
            return c
        except imaplib.IMAP4.error:  # it has not read its list of people yet
            time.sleep(0.2)
    raise SystemExit("the server does not know %s" % who)


def numbers_in(c, folder):
    c.select(folder)
    found = {}
    for part in c.uid("FETCH", "1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1]:
        if isinstance(part, tuple):
            uid = part[0].split(b"UID ")[1].split()[0].decode()
            found.setdefault(int(part[1].split(b"x")[1]), []).append(uid)
    return found


def other_does(c):
    folder = rng.choice(FOLDERS)
    what = rng.randrange(10)
    if what < 2:
        global serial
        serial += 1
        tell("there: new", serial, folder)
        c.append(folder, "", None, letter(serial).replace("\n", "\r\n").encode())
        return
    found = numbers_in(c, folder)
    if not found:
        return
    number = rng.choice(sorted(found))
    uid = found[number][0]
    if what < 6:
        flag = rng.choice(list(FLAGS) + WORDS)
        sign = rng.choice("+-")
        tell("there: flag", number, folder, sign + flag)
        c.uid("STORE", uid, sign + "FLAGS", "(%s)" % flag)
    elif what < 8:
        target = rng.choice(FOLDERS)
        if target != folder and not is_plain:
            copies[number] += 1  # moved away while an answer about it was lost, it is told twice rather than lost
            tell("there: move", number, folder, target)
            c.uid("MOVE", uid, target)
    elif what == 8:
        target = rng.choice(FOLDERS)
        if is_plain:
            return
        tell("there: copy", number, folder, target)
        copies[number] += 1
        c.uid("COPY", uid, target)
    else:
        tell("there: remove", number, folder)
        removed.add(number)
        c.uid("STORE", uid, "+FLAGS", "(\\Deleted)")
        c.uid("EXPUNGE", uid)


# --- Tern ---
lines = []
is_plain = seed % 2  # only Tern moves and copies: then nothing may be there twice


def tern_does():
    global serial
    what = rng.randrange(11)
    folder = rng.choice(FOLDERS)
    if what < 2:
        serial += 1
        path = "%s/Mail/work/%s" % (home, folder)
        if not os.path.isdir(path + "/new"):
            return
        tell("here: new", serial, folder)
        name = "%d.x%d.h" % (1700000000 + serial, serial)
        with open("%s/tmp/%s" % (path, name), "w") as f:
            f.write(letter(serial))
        os.rename("%s/tmp/%s" % (path, name), "%s/new/%s" % (path, name))
        return
    if serial == 0:
        return
    number = rng.randrange(1, serial + 1)
    which = 'change-folder %s; limit "subject:x%dx"; ' % (folder, number)
    if what < 6:
        command = rng.choice(["flag", "read", "unread"])
    elif what == 6 and rng.random() < 0.5:
        command = "add-tag " + rng.choice(OURS)
    elif what == 6:
        command = rng.choice(["add-tag ", "remove-tag "]) + rng.choice(WORDS)
    elif what < 9:
        command = "move " + rng.choice(FOLDERS)
    elif what == 9:
        command = "copy " + rng.choice(FOLDERS)
        copies[number] += 1
    else:
        command = "set general.purge yes; delete; sync-mailbox"
        removed.add(number)
    tell("here:", command, number, folder)
    if what < 10:
        which = 'change-folder INBOX; search-all "subject:x%dx"; ' % number
    lines.append(which + command + "\n")  # on one line: what finds no letter does nothing to another


def flush():
    if not lines:
        return
    path = home + "/lines"
    with open(path, "w") as f:
        f.write("".join(lines))
    lines.clear()
    code, out, err = tern("batch", "-k", path)
    for line in err.splitlines():
        if "Sanitizer" in line or "in use by another" in line:
            print("# batch:", line)
    if rng.random() < 0.3:
        note_kept()


def note_kept():
    code, out, err = tern("search", "--json", "tag:kept or tag:grün or tag:x%")
    for line in out.splitlines():
        m = json.loads(line)
        kept.update((int(m["subject"].split("x")[1]), tag) for tag in m["tags"] if tag in OURS)


def kill(pattern, sig):
    for pid in os.listdir("/proc"):
        if not pid.isdigit():
            continue
        try:
            words = open("/proc/%s/cmdline" % pid, "rb").read().replace(b"\0", b" ")
            environ = open("/proc/%s/environ" % pid, "rb").read()
        except OSError:
            continue
        if pattern in words and b"TERN_HOME=" + home.encode() in environ:
            os.kill(int(pid), sig)
            return


# --- what is there ---
def server_state():
    c = connect()
    state = collections.Counter()
    for folder in FOLDERS:
        if c.select(folder)[0] != "OK":
            continue
        for part in c.uid("FETCH", "1:*", "(FLAGS BODY.PEEK[])")[1]:
            if isinstance(part, tuple):
                body = part[1].replace(b"\r\n", b"\n")
                flags = set(part[0].split(b"FLAGS (")[1].split(b")")[0].decode().split()) - {"\\Recent"}
                number = int(body.split(b"Subject: letter x")[1].split(b"x")[0])
                words = tuple(sorted(FLAGS.get(f, f).replace("gr&APw-n", "grün") for f in flags))
                state[(number, folder, words, hashlib.sha1(body).hexdigest()[:8])] += 1
    c.logout()
    return state


tags = set()


def tern_state():
    state = collections.Counter()
    tags.clear()
    code, out, err = tern("search", "--json", "")
    for line in out.splitlines():
        m = json.loads(line)
        number = int(m["subject"].split("x")[1])
        try:
            digest = hashlib.sha1(open(m["path"], "rb").read()).hexdigest()[:8]
        except OSError as e:
            digest = "no file"
        words = tuple(sorted(set(m["flags"]) - {"new", "recent"} | set(m["tags"]) - {"x%"}))
        tags.update((number, tag) for tag in m["tags"])
        state[(number, m["folder"], words, digest)] += 1
    return state


def set_up():
    os.makedirs(dovecot + "/home/" + who, exist_ok=True)
    with open(dovecot + "/passwd", "a") as f:
        f.write("%s:{PLAIN}%s-pw::::%s/home/%s::\n" % (who, who, dovecot, who))
    if os.getuid() == 0:
        subprocess.run(["chown", "mail:mail", dovecot + "/home/" + who])
    os.makedirs(home + "/config", exist_ok=True)
    with open(os.open(home + "/pw", os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as f:
        f.write(who + "-pw\n")
    with open(home + "/config/config", "w") as f:
        f.write("[account work]\nkind = imap\naddress = %s@example.org\nuser = %s\npassword-file = %s/pw\n"
                "server = 127.0.0.1:%d\ntls = none\nlog-protocol = yes\n[general]\npurge = yes\n" % (who, who, home, proxy.port))
    c = connect()
    c.create("lists")
    c.logout()


def settle():
    """Rounds until nothing more is to be told: the network is well now."""
    for i in range(40):
        code, out, err = tern("sync", "work")
        if code == 0:
            a, b = server_state(), tern_state()
            if a == b:
                return a, b
        elif i > 30:
            print("# sync says:", err.strip())
        time.sleep(0.1)
    return server_state(), tern_state()


def judge(there, here):
    bad = []
    for what in sorted((there - here).keys()):
        bad.append("only there: %s" % (what,))
    for what in sorted((here - there).keys()):
        bad.append("only here: %s" % (what,))
    count = collections.Counter()
    for what, n in there.items():
        count[what[0]] += n
    for number in range(1, serial + 1):
        if count[number] == 0 and number not in removed:
            bad.append("letter %d is lost" % number)
        if count[number] > 1 + copies[number]:
            bad.append("letter %d is there %d times, copied %d" % (number, count[number], copies[number]))
    for number, tag in sorted(kept - tags):
        if number not in removed:
            bad.append("letter %d has lost its tag %s" % (number, tag))
    return bad


def main():
    set_up()
    code, out, err = tern("sync", "work")
    if code:
        print("# the first sync:", err)
    c = connect()
    for i in range(operations):
        if rng.random() < 0.5:
            other_does(c)
        else:
            tern_does()
        chance = rng.random()
        if chance < 0.15:
            flush()
        elif chance < 0.17:
            tell("a round")
            subprocess.Popen(["tern", "sync", "work"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
        elif chance < 0.19:
            proxy.toggle()
            tell("cutting" if proxy.is_cutting else "not cutting")
        elif chance < 0.195:
            proxy.is_away = not proxy.is_away
        elif chance < 0.2:
            tell("killed")
            kill(b"worker sync", signal.SIGKILL)
        elif chance < 0.203:
            tell("agent killed")
            kill(b"ternd", signal.SIGKILL)
        if i % 10 == 0:
            time.sleep(rng.random() * 0.1)
    flush()
    proxy.is_cutting = proxy.is_away = False
    tell("the end")
    c.logout()
    bad = judge(*settle())
    for line in bad:
        print("seed %d: %s" % (seed, line))
        about = line.replace("(", " ").replace(",", " ").replace(":", " ").split()
        about = [word for word in about if word.isdigit()][:1]
        print("\n".join(line for line in history if set(about) & set(line.split()[3:]) or "here" not in line and "there" not in line))
    if bad and "TERN_LOG_TO" in os.environ:
        shutil.copy(home + "/state/log", os.environ["TERN_LOG_TO"] + "/%d.log" % seed)
    print("seed %d: %s; %d operations, %d letters, %d cuts, %.1f s" %
          (seed, "NOT equal" if bad else "equal", operations, serial, proxy.cuts, time.monotonic() - begun))
    return 1 if bad else 0


sys.exit(main())
