#!/usr/bin/env python3
"""IMAP servers that lie: imap_liar.py PORTS DIR CA. Each scenario has a port of its own on loopback; PORTS gets a line
"name port" for each. What clients said in clear is kept in DIR/NAME.clear. CA/cert.pem is a good certificate for
localhost, CA/other.pem one for another host."""
import os, socket, ssl, sys, threading, time, zlib

ports_file, folder, ca = sys.argv[1:4]
SELECT = [b"* 4 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 12] x\r\n"]
ESC = b"\x1b]0;evil\x07\x1b[2J\x9b31m\x08\r"
HANG, CLOSE = "hang", "close"


def forever(piece, times=1 << 40):
    block = piece * max(1, 65536 // len(piece))
    for _ in range(times):
        yield block


def drip(piece):
    while True:
        for i in range(len(piece)):
            time.sleep(0.2)
            yield piece[i : i + 1]


def ok(tag):
    return tag + b" OK done\r\n"


def signed_in(caps=b"", **answers):
    """Greets as signed in already, then answers commands as told."""
    return dict(greet=b"* PREAUTH [CAPABILITY IMAP4rev1 " + caps + b"] hi\r\n", **answers)


def fetch(*pieces):
    return signed_in(FETCH=list(pieces))


def greet(text, **answers):
    return dict(greet=text, **answers)


OPEN = b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] hi\r\n"
TLS = b"* OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN] hi\r\n"
STARTTLS = [b"@TAG OK go\r\n", "tls"]

SCENARIOS = {
    # before anything is secure
    "starttls-stripped": greet(b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN LOGINREFERRALS] hi\r\n"),
    "starttls-refused": greet(TLS, STARTTLS=[b"@TAG NO later\r\n"]),
    "starttls-garbage": greet(TLS, STARTTLS=[b"\x80\x01garbage\r\n"]),
    "starttls-injected": greet(TLS, STARTTLS=[b"@TAG OK go\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n", "tls"]),
    "starttls-injected-login": greet(TLS, STARTTLS=[b"@TAG OK go\r\nt2 OK signed in\r\n", "tls"]),
    "starttls-injected-half": greet(TLS, STARTTLS=[b"@TAG OK go\r\n*", "tls"]),
    "starttls-preauth": greet(b"* PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] hi\r\n"),
    "starttls-preauth-alert": greet(b"* PREAUTH [ALERT] sign in elsewhere" + ESC + b"\r\n"),
    "starttls-bye": greet(TLS, STARTTLS=[b"* BYE go away" + ESC + b"\r\n", CLOSE]),
    "starttls-hang": greet(TLS, STARTTLS=[HANG]),
    "starttls-no-tls": greet(TLS, STARTTLS=[b"@TAG OK go\r\n", "pause", b"* OK in clear\r\n" * 10, HANG]),
    "starttls-other-host": dict(greet(TLS, STARTTLS=STARTTLS), certificate="other"),
    "starttls-caps-before": greet(TLS, STARTTLS=STARTTLS, CAPABILITY=[b"* CAPABILITY IMAP4rev1 LOGINDISABLED\r\n@OK"]),
    "tls-other-host": dict(greet(OPEN), certificate="other", implicit=True),
    "tls-plain": greet(OPEN),
    # greetings
    "greet-http": greet(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
    "greet-smtp": greet(b"220 mail ESMTP\r\n"),
    "greet-hang": greet(HANG),
    "greet-close": greet(CLOSE),
    "greet-bye": greet(b"* BYE [ALERT] too many" + ESC + b" of you\r\n"),
    "greet-endless": greet(forever(b"* OK never ending ")),
    "greet-nul": greet(b"* OK a\0b\r\n"),
    "greet-drip": greet(drip(b"* OK slow ")),
    "greet-empty": greet(b"\r\n"),
    # signing in
    "login-disabled": greet(b"* OK [CAPABILITY IMAP4rev1 LOGINDISABLED] hi\r\n"),
    "auth-refused": greet(OPEN, AUTHENTICATE=[b"@TAG NO [AUTHENTICATIONFAILED] wrong" + ESC + b"\r\n"]),
    "auth-referral": greet(OPEN, AUTHENTICATE=[b"@TAG NO [REFERRAL imap://alice;AUTH=*@127.0.0.1:1/] there\r\n"]),
    "auth-endless": greet(OPEN, AUTHENTICATE=["ask"]),
    "auth-bye": greet(OPEN, AUTHENTICATE=[b"* BYE no\r\n", CLOSE]),
    "auth-drip": greet(OPEN, AUTHENTICATE=[drip(b"* OK wait a little ")]),
    "auth-no-proof": greet(b"* OK [CAPABILITY IMAP4rev1 AUTH=SCRAM-SHA-256 SASL-IR] hi\r\n", AUTHENTICATE=[b"@OK"]),
    "auth-garbage": greet(OPEN, AUTHENTICATE=[b"+ %%%not base64\r\n", "line", b"@TAG NO no\r\n"]),
    "login-refused": greet(b"* OK [CAPABILITY IMAP4rev1] hi\r\n", LOGIN=[b"@TAG NO \x1b[31mno\r\n"]),
    # less than there was once (the story says what was)
    "promised-plain": dict(greet(OPEN), implicit=True),
    "promised-login": dict(greet(b"* OK [CAPABILITY IMAP4rev1] hi\r\n"), implicit=True),
    "promised-refused": dict(greet(b"* OK [CAPABILITY IMAP4rev1 AUTH=SCRAM-SHA-256 AUTH=PLAIN SASL-IR] hi\r\n",
                                   AUTHENTICATE=[b"@TAG NO not so\r\n"]), implicit=True),
    "promised-preauth": dict(signed_in(), implicit=True),
    "promised-tls": greet(OPEN),
    # signed in
    "bye-in-fetch": fetch(b"* 1 FETCH (UID 1 FLAGS ())\r\n* BYE shutting" + ESC + b" down\r\n", CLOSE),
    "close-in-line": fetch(b"* 1 FETCH (UID 1 FL", CLOSE),
    "close-in-literal": fetch(b"* 1 FETCH (UID 1 FLAGS () BODY[] {1000}\r\nonly this", CLOSE),
    "hang-in-fetch": fetch(b"* 1 FETCH (UID 1 FLAGS ())\r\n", HANG),
    "drip-in-fetch": fetch(drip(b"* OK still at it\r\n")),
    "line-endless": fetch(b"* 1 FETCH (UID 1 FLAGS (", forever(b"keyword ")),
    "line-nul": fetch(b"* 1 FETCH (UID 1 FLAGS (a\0b))\r\n@OK"),
    "literal-4g": fetch(b"* 1 FETCH (UID 1 FLAGS () BODY[] {4294967296}\r\nx", CLOSE),
    "literal-2g": fetch(b"* 1 FETCH (UID 1 FLAGS () BODY[] {2147483648}\r\nx", CLOSE),
    "literal-2-64": fetch(b"* 1 FETCH (UID 1 FLAGS () BODY[] {18446744073709551616}\r\n@OK"),
    "literal-max": fetch(b"* 1 FETCH (UID 1 FLAGS () BODY[] {18446744073709551615}\r\n@OK"),
    "literal-negative": fetch(b"* 1 FETCH (UID 1 FLAGS () BODY[] {-1})\r\n@OK"),
    "header-20m": fetch(b"* 1 FETCH (UID 1 FLAGS () BODY[HEADER.FIELDS (X)] {20000000}\r\n", b"A: b\r\n" * 3333333,
                        b"ab)\r\n@OK"),
    # how a letter is made
    "tree-honest": fetch(b'* 1 FETCH (UID 1 BODYSTRUCTURE (("text" "plain" NIL NIL NIL "7bit" 5 1)("application" "pdf" '
                         b'("name" "x") NIL NIL "base64" 4711) "mixed"))\r\n@OK'),
    "tree-nil": fetch(b"* 1 FETCH (UID 1 BODYSTRUCTURE NIL)\r\n@OK"),
    "tree-empty": fetch(b"* 1 FETCH (UID 1 BODYSTRUCTURE ())\r\n@OK"),
    "tree-none": fetch(b"* 1 FETCH (UID 1)\r\n@OK"),
    "tree-other": fetch(b'* 1 FETCH (UID 2 BODYSTRUCTURE ("text" "plain" NIL NIL NIL "7bit" 5 1))\r\n@OK'),
    "tree-deep": fetch(b"* 1 FETCH (UID 1 BODYSTRUCTURE " + b"(" * 150 + b")" * 150 + b")\r\n@OK"),
    "tree-deeper": fetch(b"* 1 FETCH (UID 1 BODYSTRUCTURE " + b"(" * 100000 + b"\r\n@OK"),
    "tree-wide": fetch(b"* 1 FETCH (UID 1 BODYSTRUCTURE (" + b'("text" "plain" NIL NIL NIL "7bit" 5 1)' * 5000
                       + b' "mixed"))\r\n@OK'),
    "tree-endless": fetch(b"* 1 FETCH (UID 1 BODYSTRUCTURE (", forever(b'("text" "plain" NIL NIL NIL "7bit" 5 1)')),
    "tree-escape": fetch(b'* 1 FETCH (UID 1 BODYSTRUCTURE ("te' + ESC.strip() + b'xt" "../x" NIL NIL NIL "7bit" 5 1))\r\n@OK'),
    "tree-size": fetch(b'* 1 FETCH (UID 1 BODYSTRUCTURE ("text" "plain" NIL NIL NIL "7bit" 9999999999999 1))\r\n@OK'),
    "tree-literal": fetch(b'* 1 FETCH (UID 1 BODYSTRUCTURE ({4294967296}\r\nx', CLOSE),
    "part-other": fetch(b'* 1 FETCH (UID 2 BODY[1] "lie")\r\n@OK'),
    "part-other-late": fetch(b'* 1 FETCH (BODY[1] "lie" UID 2)\r\n@OK'),
    "part-missing": fetch(b'* 1 FETCH (UID 1 BODY[1] "a")\r\n@OK'),
    "part-nil": fetch(b'* 1 FETCH (UID 1 BODY[1] NIL BODY[2] "b")\r\n@OK'),
    "part-unasked": fetch(b'* 1 FETCH (UID 1 BODY[7] "lie" BODY[2] "b" BODY[1] "a" BODY[1] "again")\r\n@OK'),
    "wrong-uid": fetch(b"* 1 FETCH (UID 77 FLAGS () BODY[] {3}\r\nlie BODY[HEADER.FIELDS (X)] \"lie\")\r\n@OK"),
    "no-uid": fetch(b"* 1 FETCH (FLAGS () BODY[] {3}\r\nlie BODY[HEADER.FIELDS (X)] \"lie\")\r\n@OK"),
    "uid-zero": fetch(b"* 1 FETCH (UID 0 FLAGS () BODY[] {3}\r\nlie)\r\n@OK"),
    "uid-huge": fetch(b"* 1 FETCH (UID 4294967296 FLAGS ())\r\n@OK"),
    "number-huge": fetch(b"* 4294967296 FETCH (UID 1 FLAGS ())\r\n@OK"),
    "modseq-huge": fetch(b"* 1 FETCH (UID 1 MODSEQ (18446744073709551616) FLAGS ())\r\n@OK"),
    "size-huge": fetch(b"* 1 FETCH (UID 1 RFC822.SIZE 99999999999999999999 FLAGS ())\r\n@OK"),
    "twice": fetch(b"* 1 FETCH (UID 1 FLAGS () BODY[] {3}\r\none)\r\n" * 3, b"@OK"),
    "expunge-in-fetch": fetch(b"* 1 EXPUNGE\r\n* 1 FETCH (UID 1 FLAGS () BODY[] {3}\r\none)\r\n* 9 EXPUNGE\r\n@OK"),
    "expunge-flood": fetch(b"* 4294967295 EXPUNGE\r\n" * 1000, b"@OK"),
    "vanished-all": fetch(b"* VANISHED 1:4294967295\r\n* VANISHED *:1\r\n@OK"),
    "exists-huge": signed_in(SELECT=[b"* 4294967295 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 5] x\r\n@OK"]),
    "exists-overflow": signed_in(SELECT=[b"* 4294967296 EXISTS\r\n@OK"]),
    "nested": fetch(b"* 1 FETCH (UID 1 X ", b"(" * 100000, b")" * 100000, b")\r\n@OK"),
    "unbalanced": fetch(b"* 1 FETCH (UID 1 X (((\r\n@OK"),
    "keywords": fetch(b"* 1 FETCH (UID 1 FLAGS (", b" ".join(b"k%d" % i for i in range(20000)), b"))\r\n@OK"),
    "keyword-escape": fetch(b"* 1 FETCH (UID 1 FLAGS (a\x1b[31m \x9b &AAo- \"q r\"))\r\n@OK"),
    "unknown": fetch(b"* XYZZY {3}\r\n)(\r (\r\n* 1 FETCH (X-A (1 {2}\r\n)) (\"a)\")) UID 1 X-B NIL FLAGS ())\r\n* \r\n*\r\n\r\n@OK"),
    "body-nul": fetch(b"* 1 FETCH (UID 1 FLAGS () BODY[] {5}\r\na\0b\0c)\r\n@OK"),
    "flood-fetch": fetch(forever(b"* 1 FETCH (UID 1 FLAGS ())\r\n")),
    "flood-unknown": fetch(forever(b"* XYZZY" + b"x" * 4000 + b"\r\n")),
    "flood-plus": fetch(forever(b"+\r\n")),
    "flood-alerts": fetch(b"* OK [ALERT] look" + ESC + b"here\r\n" * 1, b"* OK [ALERT] again\r\n" * 1000, b"@OK"),
    "tag-wrong": fetch(b"zzz OK done\r\n"),
    "tag-future": fetch(b"t999 OK done\r\n"),
    "tagged-garbage": fetch(b"@TAG FINE done\r\n"),
    "no-escape": fetch(b"@TAG NO " + ESC + b"\xe2\x80\xaegnp.exe\r\n"),
    "bad-long": fetch(b"@TAG BAD " + b"long " * 2000 + b"\r\n"),
    "code-odd": fetch(b"* OK [ALERT]\r\n* OK [\r\n* OK []\r\n* NO [PERMANENTFLAGS\r\n* OK [UIDNEXT]\r\n* OK\r\n@TAG OK [\"]\"\r\n"),
    "uidvalidity-missing": signed_in(SELECT=[b"* 4 EXISTS\r\n@OK"]),
    "uidvalidity-huge": signed_in(SELECT=[b"* 4 EXISTS\r\n* OK [UIDVALIDITY 4294967296] x\r\n@OK"]),
    "uidvalidity-changed": signed_in(b"QRESYNC ENABLE", ENABLE=[b"* ENABLED QRESYNC\r\n@OK"],
                                     SELECT=SELECT + [b"* VANISHED (EARLIER) 1:100\r\n@OK"]),
    "vanished-garbage": signed_in(b"QRESYNC ENABLE", ENABLE=[b"* ENABLED QRESYNC\r\n@OK"],
                                  SELECT=SELECT + [b"* VANISHED (EARLIER) 1:2:3,,\r\n@OK"]),
    "esearch-long": signed_in(b"ESEARCH", SEARCH=[b"* ESEARCH UID ALL 1", b",3" * 1000000, b"\r\n@OK"]),
    "esearch-all": signed_in(b"ESEARCH", SEARCH=[b"* ESEARCH UID ALL 0:4294967295\r\n@OK"]),
    "list-names": signed_in(LIST=[
        b'* LIST () "/" ../../etc/x\r\n* LIST () "/" /etc/x\r\n* LIST () "/" "a/../b"\r\n* LIST () "/" ""\r\n'
        b'* LIST () "/" "`touch hacked`"\r\n* LIST () "/" "&AAo-x"\r\n* LIST () "/" "\x1b[2Jx"\r\n'
        b'* LIST () "/" "&2D3-"\r\n* LIST () NIL "..\\\\..\\\\x"\r\n* LIST () "/" {7}\r\na\r\nb\0cd\r\n'
        b'* LIST () "/" "\xe2\x80\xaex"\r\n* LIST () "." "a.b/c"\r\n* LIST () "/" "' + b"y" * 5000 + b'"\r\n@OK']),
    "list-endless": signed_in(LIST=["names"]),
    "status-garbage": signed_in(LIST=[b'* LIST () "/" a\r\n@OK'], STATUS=[b"* STATUS a (MESSAGES -1)\r\n@OK"]),
    "namespace-odd": signed_in(b"NAMESPACE", NAMESPACE=[b'* NAMESPACE (("" NIL)) NIL NIL\r\n@OK'],
                               LIST=[b'* LIST () NIL INBOX\r\n@OK']),
    "namespace-garbage": signed_in(b"NAMESPACE", NAMESPACE=[b"* NAMESPACE ((\r\n@OK"], LIST=[b"@OK"]),
    "append-early": signed_in(APPEND=[b"@OK"]),
    "append-hang": signed_in(APPEND=[HANG]),
    "append-bye": signed_in(APPEND=[b"+ go\r\n", b"* BYE full\r\n", CLOSE]),
    "append-limit": signed_in(b"APPENDLIMIT=10"),
    "copyuid": signed_in(COPY=[b"@TAG OK [COPYUID 1 1:4294967295 1:4294967295] lie\r\n"]),
    "copyuid-garbage": signed_in(COPY=[b"@TAG OK [COPYUID x ,, 0] lie\r\n"]),
    "idle-hang": signed_in(b"IDLE", IDLE=[HANG]),
    "idle-refused": signed_in(b"IDLE", IDLE=[b"@TAG NO not here\r\n"]),
    "idle-flood": signed_in(b"IDLE", IDLE=[b"+ idling\r\n", forever(b"* OK Still here " + b"x" * 4000 + b"\r\n")]),
    "idle-bye": signed_in(b"IDLE", IDLE=[b"+ idling\r\n* BYE autologout\r\n", CLOSE]),
    # numbers, names and places
    "enabled-unasked": signed_in(b"ENABLE CONDSTORE", ENABLE=[b"* ENABLED X-ODD QRESYNC UTF8=ACCEPT \x80\r\n@OK"]),
    "enable-refused": signed_in(b"ENABLE QRESYNC CONDSTORE UTF8=ACCEPT", ENABLE=[b"@TAG BAD what?\r\n"]),
    "vanished-unknown": signed_in(SELECT=SELECT + [b"@OK"], FETCH=[b"* VANISHED 4000000000:4000000005,77\r\n@OK"]),
    "exists-down": signed_in(SELECT=SELECT + [b"@OK"], FETCH=[b"* 1 EXISTS\r\n* 0 EXISTS\r\n* 9 EXPUNGE\r\n@OK"]),
    "uidnext-overflow": signed_in(SELECT=[b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 4294967296] x\r\n@OK"]),
    "uidnext-zero": signed_in(SELECT=[b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 0] x\r\n@OK"]),
    "uidvalidity-zero": signed_in(SELECT=[b"* 1 EXISTS\r\n* OK [UIDVALIDITY 0] x\r\n* OK [UIDNEXT 2] x\r\n@OK"]),
    "number-negative": fetch(b"* -1 FETCH (UID 1 FLAGS ())\r\n@OK"),
    "uid-negative": fetch(b"* 1 FETCH (UID -1 FLAGS ())\r\n@OK"),
    "uid-twice": fetch(b"* 1 FETCH (UID 1 FLAGS (\\Seen))\r\n* 2 FETCH (UID 1 FLAGS (\\Draft))\r\n@OK"),
    "uids-falling": fetch(b"".join(b"* %d FETCH (UID %d FLAGS ())\r\n" % (i, 6 - i) for i in range(1, 6)), b"@OK"),
    "literal-flags": fetch(b"* 1 FETCH ({3}\r\nUID 1 {5}\r\nFLAGS ({5}\r\n\\Seen))\r\n@OK"),
    "literal-number": fetch(b"* {1}\r\n1 FETCH (UID 1 FLAGS ())\r\n@OK"),
    "literal-in-code": fetch(b"* OK [UIDNEXT {1}\r\n5] x\r\n@OK"),
    "literal-sync": fetch(b"* 1 FETCH (UID 1 FLAGS () BODY[] {3+}\r\none)\r\n@OK"),
    "literal-many": fetch(b"* 1 FETCH (UID 1 X (", b"{1}\r\nx " * 300000, b"))\r\n@OK"),
    "string-open": fetch(b"* 1 FETCH (UID 1 FLAGS (\"a\r\n@OK"),
    "eight-bit": fetch(b"* 1 FETCH (UID 1 FLAGS (k\xe4\xf6 \xff))\r\n* \xff\xfe\r\n@OK"),
    "code-8bit": fetch(b"* OK [\xff\xfe\x9b ] \x9b31m\r\n@TAG NO [\x80] \x9b2Jno\r\n"),
    "code-long": fetch(b"* OK [", b"x" * 900000, b"] y\r\n@OK"),
    "date-garbage": fetch(b"* 1 FETCH (UID 1 FLAGS () INTERNALDATE \"99-Foo-0000 99:99:99 +9999\" RFC822.SIZE 5)\r\n@OK"),
    "bye-then-ok": fetch(b"* BYE I go\r\n@OK"),
    "bad-untagged": fetch(b"* BAD you\r\n* NO me\r\n@OK"),
    "search-flood": signed_in(SEARCH=[b"* SEARCH", b" 7" * 400000, b"\r\n@OK"]),
    "search-huge": signed_in(SEARCH=[b"* SEARCH 0 4294967295 4294967296 -1 x\r\n@OK"]),
    "status-other": signed_in(LIST=[b'* LIST () "/" a\r\n@OK'],
                              STATUS=[b"* STATUS b (MESSAGES 5)\r\n* STATUS a (MESSAGES 4294967295 UIDNEXT 4294967295)\r\n@OK"]),
    "list-case": signed_in(LIST=[b'* LIST () "/" Work\r\n* LIST () "/" work\r\n* LIST () "/" inbox\r\n'
                                 b'* LIST () "/" InBoX\r\n* LIST () "/" INBOX\r\n* LIST () "/" Inbox/x\r\n'
                                 b'* LIST () "/" Work\r\n@OK']),
    "list-control": signed_in(LIST=[b'* LIST () "/" "a\x01b"\r\n* LIST () "/" "&AAA-x"\r\n* LIST () "/" "&AC8-etc"\r\n'
                                    b'* LIST () "/" "."\r\n* LIST () "/" "cur"\r\n* LIST () "/" "x/tmp/y"\r\n'
                                    b'* LIST () "." "..a..b"\r\n* LIST (\\Trash \\Sent \\All) "/" z\r\n@OK']),
    "list-delimiter": signed_in(LIST=[b'* LIST () "//" a\r\n* LIST () "" b\r\n* LIST () "\x07" c\r\n@OK']),
    "append-uid": signed_in(APPEND=[b"+ go\r\n", "letter", b"@TAG OK [APPENDUID 0 4294967296] lie\r\n"]),
    "copyuid-short": signed_in(b"UIDPLUS", COPY=[b"@TAG OK [COPYUID 7 1:3 9] lie\r\n"]),
    "caps-flood": greet(b"* OK [CAPABILITY IMAP4rev1", LOGIN=[b"@OK"]) | {"greet": [b"* OK [CAPABILITY IMAP4rev1",
                                                                               b" X-Y" * 200000, b"] hi\r\n"]},
    "quota-odd": signed_in(b"QUOTA", GETQUOTAROOT=[b'* QUOTAROOT INBOX ""\r\n* QUOTA "" (STORAGE -1 99999999999999999999)\r\n@OK']),
    "id-odd": signed_in(b"ID", ID=[b"* ID (\"name\" NIL NIL (\r\n@OK"]),
    "ok-before-asked": dict(greet=b"* PREAUTH [CAPABILITY IMAP4rev1] hi\r\nt1 OK early\r\nt2 OK early\r\nt3 OK early\r\n"),
    "compress-bomb": signed_in(b"COMPRESS=DEFLATE", COMPRESS=[b"@TAG OK go\r\n", "bomb"]),
    "compress-garbage": signed_in(b"COMPRESS=DEFLATE", COMPRESS=[b"@TAG OK go\r\n", "pause", b"\xff" * 100, HANG]),
    "compress-close": signed_in(b"COMPRESS=DEFLATE", COMPRESS=[b"@TAG OK go\r\n", CLOSE]),
}


class Gone(Exception):
    pass


class Talk:
    def __init__(self, sock, name, plan):
        self.sock, self.plan, self.secure, self.name = sock, plan, False, name
        self.log = open(os.path.join(folder, name + ".clear"), "ab", buffering=0)
        self.rest = b""
        if plan.get("implicit"):
            self.start_tls()

    def start_tls(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        name = os.path.join(ca, self.plan.get("certificate", "cert"))
        context.load_cert_chain(name + ".pem", name + ".key.pem")
        self.sock = context.wrap_socket(self.sock, server_side=True)
        self.secure = True

    def hear(self, data):
        with open(os.path.join(folder, self.name + ".heard"), "ab") as heard:
            heard.write(data)

    def line(self):
        while b"\n" not in self.rest:
            data = self.sock.recv(65536)
            if not data:
                raise Gone
            self.hear(data)
            if not self.secure:
                self.log.write(data)
            self.rest += data
        line, self.rest = self.rest.split(b"\n", 1)
        return line.rstrip(b"\r")

    def names(self):
        i = 0
        while True:
            yield b"".join(b'* LIST () "/" name%d\r\n' % (i + j) for j in range(1000))
            i += 1000

    def bomb(self):
        squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
        for _ in range(1000):
            yield squeeze.compress(b"x" * 1000000)
        yield squeeze.flush()

    def play(self, piece, tag=b""):
        if piece == HANG:
            self.sock.settimeout(30)
            while self.sock.recv(65536):
                pass
            raise Gone
        if piece == CLOSE:
            raise Gone
        if piece == "tls":
            self.start_tls()
        elif piece == "pause":
            time.sleep(0.2)
        elif piece == "line":
            self.line()
        elif piece == "letter":
            while self.line() != b"letter":
                pass
            self.line()
        elif piece == "ask":
            while True:
                self.sock.sendall(b"+ \r\n")
                self.line()
        elif piece in ("names", "bomb"):
            for part in getattr(self, piece)():
                self.sock.sendall(part)
        elif isinstance(piece, bytes):
            self.sock.sendall(piece.replace(b"@TAG", tag).replace(b"@OK", ok(tag)))
        else:
            for part in piece:
                self.sock.sendall(part)

    def command(self, line):
        words = line.split(b" ")
        tag, verb = words[0], (words[1] if len(words) > 1 else b"").upper()
        if verb == b"UID" and len(words) > 2:
            verb = words[2].upper()
        answers = self.plan.get(verb.decode("latin-1"))
        if answers is not None:
            for piece in answers:
                self.play(piece, tag)
        elif verb == b"CAPABILITY":
            self.sock.sendall(b"* CAPABILITY IMAP4rev1\r\n" + ok(tag))
        elif verb == b"SELECT":
            self.sock.sendall(SELECT[0] + ok(tag))
        elif verb == b"LIST":
            self.sock.sendall(b'* LIST (\\Noselect) "/" ""\r\n' + ok(tag))
        elif verb == b"LOGOUT":
            self.sock.sendall(b"* BYE bye\r\n" + ok(tag))
            raise Gone
        else:
            self.sock.sendall(ok(tag))

    def run(self):
        self.play(self.plan["greet"])
        while True:
            self.command(self.line())


def serve(listener, name):
    while True:
        sock, _ = listener.accept()
        try:
            Talk(sock, name, SCENARIOS[name]).run()
        except (Gone, OSError, ssl.SSLError, ValueError):
            pass
        sock.close()


with open(ports_file + ".new", "w") as ports:
    for name in SCENARIOS:
        listener = socket.create_server(("127.0.0.1", 0))
        ports.write("%s %d\n" % (name, listener.getsockname()[1]))
        threading.Thread(target=serve, args=(listener, name), daemon=True).start()
os.rename(ports_file + ".new", ports_file)
threading.Event().wait()
