#!/usr/bin/env python3
"""A small IMAP server that keeps mail, and lies when it is told to: imap_mind.py PORT-FILE DIR. What it says wrongly is named
in DIR/lie, read with each command ("": it is honest); what it has stands in DIR/state after each, a line "FOLDER SUBJECT"
for each letter. Everybody may sign in."""
import os, re, socket, sys, threading

port_file, folder = sys.argv[1:3]
ESC = b"\x1b]0;owned\x07\x1b[2J"
lock = threading.Lock()


class Box:
    def __init__(self):
        self.validity, self.next, self.letters = 7, 1, []

    def add(self, body, flags=()):
        self.letters.append(dict(uid=self.next, flags=set(flags), body=body))
        self.next += 1
        return self.next - 1


boxes = {b"INBOX": Box(), b"Archive": Box(), b"Drafts": Box()}
TRAPS = [b"../../etc/x", b"/etc/x", b"a/../b", b"`touch hacked`", b"$(touch hacked)", b"Twin", b"twin", b"TWIN", b"inbox", b"InBoX",
         b"INBOX/cur", b"INBOX/new", b"x/tmp/y", b"&AAo-x", b"&AAA-", b"-rf", b".hidden", b"~root", b"y" * 900, b"a//b", b" ", b"."]


def lie():
    try:
        return open(os.path.join(folder, "lie")).read().strip()
    except OSError:
        return ""


def note_state():
    with open(os.path.join(folder, "state.new"), "wb") as out:
        for name in sorted(boxes):
            for letter in boxes[name].letters:
                out.write(name + b" " + re.search(rb"(?mi)^Subject: (.*?)\r?$", letter["body"]).group(1) + b"\n")
    os.rename(os.path.join(folder, "state.new"), os.path.join(folder, "state"))


def numbers(text, most):
    found = set()
    for piece in text.split(b","):
        a, _, b = piece.partition(b":")
        first, last = [most if x == b"*" else int(x) for x in (a, b or a)]
        found.update(range(min(first, last), min(max(first, last), most) + 1))
    return found


class Gone(Exception):
    pass


class Talk:
    def __init__(self, sock):
        self.sock, self.file, self.name, self.tag = sock, sock.makefile("rb"), None, b""

    def say(self, *lines):
        self.sock.sendall(b"".join(line + b"\r\n" for line in lines))

    def ok(self, code=b""):
        tag = b"zz9" if lie() == "tag-wrong" else self.tag
        if lie() == "ok-nul":
            code = b"[\0] "
        self.say(tag + b" OK " + code + b"done")

    def no(self):
        self.say(self.tag + b" NO there is no such thing" + ESC)

    def words(self):
        """One command: words, strings and literals alike; lists in one piece."""
        found, line = [], self.file.readline()
        if not line:
            raise Gone
        while True:
            for m in re.finditer(rb'"((?:[^"\\]|\\.)*)"|(BODY[^\s(\[]*\[[^\]]*\](?:<[^>]*>)?)|([()])|\{(\d+)\+?\}\r?\n?$|([^\s()"]+)', line):
                if m.group(4):
                    self.say(b"+ go")
                    found.append(self.file.read(int(m.group(4))))
                    line = self.file.readline()
                    break
                found.append(re.sub(rb"\\(.)", rb"\1", m.group(1)) if m.group(1) is not None else m.group(0))
            else:
                return found

    def box(self):
        return boxes[self.name]

    def select(self, name):
        if name.upper() == b"INBOX":
            name = b"INBOX"
        if name not in boxes:
            return self.no()
        self.name, now = name, lie()
        box = self.box()
        count, validity, after = len(box.letters), box.validity, box.next
        if now == "exists-none":
            count = 0
        if now == "exists-many":
            count = 4294967295
        if now in ("validity", "validity-empty", "validity-shuffled"):
            validity = 8
        if now == "validity-zero":
            validity = 0
        if now == "next-huge":
            after = 4294967296
        if now == "next-low":
            after = 1
        self.say(b"* FLAGS (\\Seen)", b"* OK [PERMANENTFLAGS (\\Seen \\Flagged \\Answered \\Deleted \\Draft \\*)] x",
                 b"* %d EXISTS" % count, b"* OK [UIDVALIDITY %d] x" % validity, b"* OK [UIDNEXT %d] x" % after)
        if now == "exists-falls":
            self.say(b"* 1 EXISTS", b"* 0 EXISTS", b"* 3 EXPUNGE")
        self.ok(b"[READ-WRITE] ")

    def fetched(self, letter, items):
        uid, now = letter["uid"], lie()
        if now == "validity-shuffled":
            uid = 1000 - uid
        if now == "uid-zero":
            uid = 0
        if now == "uid-negative":
            uid = -1
        if now == "uid-huge":
            uid = 4294967296
        if now == "uid-same":
            uid = 1
        flags, body = b" ".join(sorted(letter["flags"])), letter["body"]
        if now == "flags-garbage":
            flags = b"k\xe4\xf6 \x9b31m \\\\ \"q\""
        if now == "body-empty":
            body = b""
        if now == "body-nul":
            body = body.replace(b"Hello", b"He\0\0llo" + ESC)
        out = [b"UID %d" % uid]
        for item in items:
            word = item.upper()
            if word == b"FLAGS":
                out.append(b"FLAGS (" + flags + b")")
            elif word == b"RFC822.SIZE":
                out.append(b"RFC822.SIZE %d" % len(body))
            elif word == b"INTERNALDATE":
                out.append(b'INTERNALDATE "99-Foo-0000 99:99:99 +9999"' if now == "date-garbage"
                           else b'INTERNALDATE "23-Nov-2026 10:00:00 +0000"')
            elif word.startswith(b"BODY") and b"[" in word:
                text = body.split(b"\r\n\r\n")[0] + b"\r\n\r\n" if b"HEADER" in word else body
                size = {"literal-huge": 4294967295, "literal-negative": -1, "literal-short": len(text) // 2}.get(now, len(text))
                name = re.sub(rb"(?i)\.PEEK", b"", item)
                out.append(name + b" {%d}\r\n" % size + text)
        return b" ".join(out)

    def fetch(self, words):
        box, items = self.box(), [w for w in words[1:] if w not in (b"(", b")")]
        wanted, now = numbers(words[0], max([l["uid"] for l in box.letters] + [0])), lie()
        if now in ("exists-none", "validity-empty"):
            wanted = set()
        if now == "expunge-amid":
            self.say(b"* 1 EXPUNGE", b"* 4294967295 EXPUNGE", b"* 0 EXPUNGE")
        if now == "vanished":
            self.say(b"* VANISHED 1:4294967295", b"* VANISHED (EARLIER) 77")
        if now == "fetch-endless":
            while True:
                self.sock.sendall(b"* 1 FETCH (UID 1 FLAGS (" + b"x " * 30000)
        for at, letter in enumerate(box.letters):
            if letter["uid"] not in wanted:
                continue
            line = b"* %d FETCH (%s)" % (at + 1, self.fetched(letter, items))
            self.say(line)
            if now == "fetch-twice":
                self.say(line)
            if now == "fetch-other":
                self.say(b"* 99 FETCH (UID 999 FLAGS (\\Seen))", b"* 1 FETCH (FLAGS (\\Deleted))", b"* 1 FETCH ()")
            if now == "bye-amid":
                self.say(b"* BYE shutting down" + ESC)
                raise Gone
        self.ok()

    def store(self, words):
        wanted, flags = numbers(words[0], self.box().next), {w for w in words[2:] if w not in (b"(", b")")}
        if lie() == "store-no":
            return self.no()
        for letter in self.box().letters:
            if letter["uid"] in wanted:
                letter["flags"] = letter["flags"] | flags if words[1][:1] == b"+" else letter["flags"] - flags
        self.ok()

    def carry(self, words, is_move):
        box, target = self.box(), boxes.get(words[1])
        if target is None or lie() == "move-no":
            return self.no()
        chosen = [l for l in box.letters if l["uid"] in numbers(words[0], box.next)]
        to = [target.add(l["body"], l["flags"]) for l in chosen]
        pair = b",".join(b"%d" % l["uid"] for l in chosen), b",".join(b"%d" % uid for uid in to)
        if lie() == "copyuid-other":
            pair = pair[0], b",".join(b"1" for _ in to)
        if lie() == "copyuid-garbage":
            pair = b"1:*", b"0,4294967296"
        code = b"[COPYUID %d %s %s] " % (target.validity, pair[0], pair[1])
        if is_move:
            for l in chosen:
                at = box.letters.index(l)
                box.letters.remove(l)
                self.say(b"* %d EXPUNGE" % (at + 1))
        self.ok(code)

    def append(self, words):
        body, box, now = words[-1], boxes.get(words[0]), lie()
        if box is None or now == "append-no":
            return self.no()
        uid = box.add(body, [w for w in words[1:-1] if w.startswith(b"\\") and w[1:].isalpha()])
        code = {"append-uid-other": b"[APPENDUID 7 1] ", "append-uid-huge": b"[APPENDUID 7 4294967296] ",
                "append-uid-zero": b"[APPENDUID 0 0] ", "append-uid-none": b""}.get(now, b"[APPENDUID %d %d] " % (box.validity, uid))
        note_state()
        if now == "append-bye":
            self.say(b"* BYE now")
            raise Gone
        self.ok(code)

    def search(self, words):
        text = b" ".join(words)
        m = re.search(rb"<[^>]*>", text)
        found = [l["uid"] for l in self.box().letters if not m or m.group(0) in l["body"]]
        if lie() == "search-all":
            found = list(range(1, 2000))
        if lie() == "search-none":
            found = []
        self.say(b"* SEARCH" + b"".join(b" %d" % uid for uid in found))
        self.ok()

    def expunge(self, wanted):
        box = self.box()
        for at in range(len(box.letters), 0, -1):
            letter = box.letters[at - 1]
            if b"\\Deleted" in letter["flags"] and (wanted is None or letter["uid"] in wanted):
                box.letters.pop(at - 1)
                self.say(b"* %d EXPUNGE" % at)
        self.ok()

    def names(self):
        now = lie()
        if now == "list-none":
            return []
        return sorted(boxes) + (TRAPS if now == "list-traps" else [])

    def command(self, words):
        self.tag, verb, words = words[0], words[1].upper(), words[2:]
        if verb == b"UID":
            verb, words = words[0].upper(), words[1:]
        if verb == b"CAPABILITY":
            more = b" ENABLE QRESYNC CONDSTORE" if lie() == "enabled-unasked" else b""
            self.say(b"* CAPABILITY IMAP4rev1 UIDPLUS MOVE" + more)
            return self.ok()
        if verb == b"ENABLE":
            self.say(b"* ENABLED X-MORE UTF8=ACCEPT")
            return self.ok()
        if verb == b"LIST":
            for name in self.names() if words[-1] != b"" else [b""]:
                self.say(b'* LIST () "/" "' + name + b'"')
            return self.ok()
        if verb == b"STATUS":
            box = boxes.get(words[0])
            if box is None:
                return self.no()
            some = (0, 1, 9) if lie() == "status-none" else (len(box.letters), box.next, box.validity)
            self.say(b'* STATUS "%s" (MESSAGES %d UIDNEXT %d UIDVALIDITY %d UNSEEN 0)' % ((words[0],) + some))
            return self.ok()
        if verb in (b"SELECT", b"EXAMINE"):
            return self.select(words[0])
        if verb == b"FETCH":
            return self.fetch(words)
        if verb == b"STORE":
            return self.store(words)
        if verb in (b"MOVE", b"COPY"):
            return self.carry(words, verb == b"MOVE")
        if verb == b"APPEND":
            return self.append(words)
        if verb == b"SEARCH":
            return self.search(words)
        if verb == b"EXPUNGE":
            return self.expunge(numbers(words[0], 1 << 31) if words else None)
        if verb == b"CREATE":
            boxes.setdefault(words[0], Box())
        if verb == b"LOGOUT":
            self.say(b"* BYE bye")
            self.ok()
            raise Gone
        self.ok()

    def run(self):
        self.say(b"* OK hi")
        while True:
            words = self.words()
            with lock:
                self.command(words)
                note_state()


def serve(sock, talk):
    try:
        talk(sock).run()
    except (Gone, OSError):
        pass
    sock.close()


def listen(talk):
    note_state()
    listener = socket.create_server(("127.0.0.1", 0))
    with open(port_file + ".new", "w") as out:
        out.write(str(listener.getsockname()[1]))
    os.rename(port_file + ".new", port_file)
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0], talk), daemon=True).start()


def main():
    for n in range(1, 7):
        boxes[b"INBOX"].add(b"From: a@example.org\r\nTo: b@example.org\r\nSubject: there%d\r\nMessage-ID: <there%d@x>\r\n"
                            b"Date: Mon, 23 Nov 2026 10:00:0%d +0000\r\n\r\nHello %d\r\n" % (n, n, n, n))
    boxes[b"Archive"].add(boxes[b"INBOX"].letters[0]["body"].replace(b"there1", b"old1"))
    listen(Talk)


if __name__ == "__main__":
    main()
