#!/usr/bin/env python3
"""A small server that speaks Gmail's X-GM-EXT-1 as its documentation tells; it is not Gmail. gmail_like.py PORT-FILE DIR. A
letter has labels, each label is a mailbox, all letters are in "[Gmail]/All Mail". DIR/labels has a line "SUBJECT: LABELS" for
each letter after each command, DIR/bodies a line for each body that was given out."""
import os, re, sys

sys.dont_write_bytecode = True
import imap_mind as mind

ALL = b"[Gmail]/All Mail"
letters = []
mind.boxes.clear()


class Letter:
    def __init__(self, number, labels):
        self.id, self.flags, self.labels = 1278455344230334865 + number, set(), set(labels)
        self.body = (b"From: a@example.org\r\nTo: b@example.org\r\nSubject: there%d\r\nMessage-ID: <there%d@x>\r\n"
                     b"Date: Mon, 23 Nov 2026 10:00:0%d +0000\r\n\r\nHello %d\r\n" % (number, number, number, number))
        letters.append(self)


def label_of(box):
    return b"\\Inbox" if box == b"INBOX" else box


def put_in_boxes():
    """Each mailbox has the letters of its label, a new uid for each that came."""
    names = {b"INBOX", ALL, *mind.boxes} | {l for letter in letters for l in letter.labels if l[:1] != b"\\"}
    for name in names:
        box = mind.boxes.setdefault(name, mind.Box())
        wanted = [l for l in letters if name == ALL or label_of(name) in l.labels]
        box.letters = [e for e in box.letters if e["of"] in wanted]
        for letter in wanted:
            if not any(e["of"] is letter for e in box.letters):
                box.add(letter.body)
                box.letters[-1].update(of=letter, flags=letter.flags)


def note_labels():
    path = os.path.join(mind.folder, "labels")
    with open(path + ".new", "wb") as out:
        for letter in letters:
            out.write(re.search(rb"Subject: (.*?)\r", letter.body).group(1) + b": " + b" ".join(sorted(letter.labels)) + b"\n")
    os.rename(path + ".new", path)


class Talk(mind.Talk):
    def fetched(self, entry, items):
        out = []
        for item in items:
            if item.upper() == b"X-GM-MSGID":
                out.append(b"X-GM-MSGID %d" % entry["of"].id)
            if item.upper() == b"X-GM-LABELS":
                labels = sorted(entry["of"].labels - {label_of(self.name)})  # its own is left out
                out.append(b"X-GM-LABELS (" + b" ".join(b'"' + re.sub(rb'(["\\\\])', rb"\\\1", l) + b'"' for l in labels) + b")")
            if item.upper() == b"BODY.PEEK[]":
                with open(os.path.join(mind.folder, "bodies"), "ab") as log:
                    log.write(b"%s %d\n" % (self.name, entry["uid"]))
        return b" ".join(out + [super().fetched(entry, items)])

    def store(self, words):
        wanted = mind.numbers(words[0], self.box().next)
        named = {w for w in words[2:] if w not in (b"(", b")")}
        for entry in self.box().letters:
            if entry["uid"] in wanted:
                held = entry["of"].labels if b"X-GM-LABELS" in words[1].upper() else entry["flags"]
                (held.update if words[1][:1] == b"+" else held.difference_update)(named)
        self.ok()

    def carry(self, words, is_move):
        for entry in self.box().letters:
            if entry["uid"] in mind.numbers(words[0], self.box().next):
                if words[1] != ALL:
                    entry["of"].labels.add(label_of(words[1]))
                if is_move:
                    entry["of"].labels.discard(label_of(self.name))
        self.ok()

    def append(self, words):
        """What it is given gets the label of the mailbox, and of other words only what are flags."""
        letter = Letter(len(letters) + 1, [] if words[0] == ALL else [label_of(words[0])])
        letter.body = words[-1]
        letter.flags.update(w for w in words[1:-1] if w[:1] == b"\\")
        put_in_boxes()
        entry = mind.boxes[words[0]].letters[-1]
        self.ok(b"[APPENDUID %d %d] " % (mind.boxes[words[0]].validity, entry["uid"]))

    def expunge(self, wanted):
        for entry in self.box().letters:
            if b"\\Deleted" in entry["flags"] and (wanted is None or entry["uid"] in wanted):
                entry["of"].labels.discard(label_of(self.name))
                entry["flags"].discard(b"\\Deleted")
        self.ok()

    def command(self, words):
        if words[1].upper() == b"CAPABILITY":
            self.tag = words[0]
            self.say(b"* CAPABILITY IMAP4rev1 UIDPLUS MOVE X-GM-EXT-1")
            return self.ok()
        if words[1].upper() == b"LIST" and words[-1] not in (b"", b"*"):
            self.tag = words[0]
            wanted = re.compile(re.escape(words[-1]).replace(b"%", b"[^/]*") + b"$")
            for name in filter(wanted.match, sorted(mind.boxes)):
                self.say(b'* LIST () "/" "' + name + b'"')
            return self.ok()
        super().command(words)
        put_in_boxes()
        note_labels()


Letter(1, [b"\\Inbox", b"\\Important", b"work"])
Letter(2, [b"\\Inbox", b"Work Stuff", b"gr&APw-n"])
Letter(3, [])
put_in_boxes()
note_labels()
mind.listen(Talk)
