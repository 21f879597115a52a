#!/usr/bin/env python3
"""What a search must find, decoded by Python's email package; tern has no part in it.

    search_reference.py choose BOX COUNT        queries from the letters themselves, a line each: KIND, tab, words
    search_reference.py find BOX <QUERIES       the same lines, a tab, numbers of the letters that have it

A letter's number is its file's name up to the first dot."""
import email, email.header, email.policy, html.parser, os, random, re, sys, unicodedata

JOINING = set("a abbr b bdi bdo big cite code em font i ins kbd del mark q s samp small span strike strong sub sup tt u "
              "var wbr o:p".split())
HTML = ("text/html", "application/xhtml+xml", "text/xml", "application/xml")


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.out, self.hidden = [], 0

    def handle_starttag(self, tag, attrs):
        self.hidden = tag in ("script", "style", "template") or (self.hidden and tag in JOINING)
        if tag not in JOINING:
            self.out.append("\n")

    def handle_endtag(self, tag):
        self.hidden = False
        if tag not in JOINING:
            self.out.append("\n")

    def handle_startendtag(self, tag, attrs):
        if tag not in JOINING:
            self.out.append("\n")

    def handle_data(self, data):
        if not self.hidden:
            self.out.append(data)


def page_text(text):
    page = Page()
    page.feed(text)
    page.close()
    return "".join(page.out)


def decoded(raw, charset):
    for name in (charset, "utf-8", "windows-1252", "latin-1"):
        try:
            return raw.decode(name)
        except (LookupError, UnicodeDecodeError, TypeError):
            pass


def is_labelled(raw, charset):
    """Is it what it says? Of other bytes nobody knows; tern guesses better."""
    try:
        return raw.isascii() or raw.decode(charset or "utf-8") is not None
    except (LookupError, UnicodeDecodeError):
        return False


def header_text(value):
    raw = str(value).encode("utf-8", "surrogateescape")
    text = decoded(raw, "utf-8")
    try:
        return "".join(part if isinstance(part, str) else decoded(part, charset) for part, charset in
                       email.header.decode_header(re.sub(r"\r?\n[ \t]", " ", text)))
    except (ValueError, email.errors.MessageError):
        return text


def texts_of(path):
    """Pairs of a field and a text."""
    raw = re.sub(rb'(boundary="[^"\n]*)\r?\n[ \t]', rb"\1 ", open(path, "rb").read()) # it does not unfold that
    message = email.message_from_bytes(raw, policy=email.policy.compat32)
    for name, field in (("from", "f"), ("sender", "f"), ("reply-to", "f"), ("to", "t"), ("cc", "c"), ("bcc", "c"),
                        ("subject", "s")):
        for value in [value for key, value in message.raw_items() if key.lower() == name][:1]:
            raw = str(value).encode("utf-8", "surrogateescape")
            yield field if is_labelled(raw, "utf-8") else "?", header_text(value)
    for part in message.walk():
        if part.get_filename():
            yield "n", header_text(part.get_filename())
        if part.is_multipart() or not (part.get_content_type().startswith("text/") or part.get_content_type() in HTML):
            continue
        raw, charset = part.get_payload(decode=True) or b"", part.get_content_charset()
        text = decoded(raw, charset)
        yield "b" if is_labelled(raw, charset) else "?", page_text(text) if part.get_content_type() in HTML else text


STROKES = str.maketrans("øđħıłŧ", "odhilt")


def is_picture(char):
    return "\u2600" <= char < "\u27c0" or "\U0001f000" <= char < "\U00020000"


def is_cjk(char):
    return is_picture(char) or "\u2e80" <= char < "\ua000" or "\uac00" <= char < "\ud800" or "\uf900" <= char < "\ufb00"


def words_of(text):
    """Folded words; what is written without spaces is a word a character."""
    out, word = [], ""
    for char in text:
        category = unicodedata.category(char)
        if category[0] == "M" or category == "Cf" or "\U0001f3fb" <= char <= "\U0001f3ff":
            if char == "\u0306" and word.endswith("и"):
                word = word[:-1] + "й"
            continue
        if is_picture(char) and category == "So":
            folded = char
        elif category[0] not in "LN":
            folded = " "
        elif char in "йЙ" or "\uac00" <= char < "\ud800":
            folded = char.lower()
        else:
            folded = "".join(c for c in unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", char).casefold())
                             if unicodedata.category(c)[0] in "LN").translate(STROKES)
        for c in folded:
            if c != " " and not is_cjk(c):
                word += c
                continue
            if word:
                out.append(word)
            word = ""
            if is_cjk(c):
                out.append(c)
    if word:
        out.append(word)
    return out


def letters_of(box):
    for name in sorted(os.listdir(box + "/cur"), key=lambda name: int(name.split(".")[0])):
        yield int(name.split(".")[0]), os.path.join(box, "cur", name)


def read_all(box):
    return {number: [(field, " " + " ".join(words_of(text)) + " ") for field, text in texts_of(path)]
            for number, path in letters_of(box)}


def find(box):
    letters = read_all(box)
    for line in sys.stdin:
        kind, query = line.rstrip("\n").split("\t")
        wanted = " " + " ".join(words_of(query)) + " "
        if kind == "subject": # what is in it, be it a part of a word
            wanted = wanted.strip()
        fields = {"subject": "s", "body": "bn?"}.get(kind, "ftcsbn?")
        print("%s\t%s\t%s" % (kind, query, " ".join(str(number) for number, texts in letters.items() if any(
            field in fields and wanted in text for field, text in texts))))


SCRIPTS = (("latin", r"[a-z]{5,14}"), ("accents", r"[a-z]*[à-ÿšžőłčę][a-zà-ÿšžőłčę]+"), ("cyrillic", r"[а-яё]{4,14}"),
           ("greek", r"[α-ω]{3,}"), ("hebrew", r"[א-ת]{3,}"), ("arabic", r"[\u0621-\u064a]{3,}"),
           ("digits", r"[0-9]{4,8}"), ("kana", r"[\u3041-\u30fa]{2,4}"), ("han", r"[\u4e00-\u9fa5]{2,3}"),
           ("hangul", r"[\uac00-\ud7a3]{2,3}"))


def choose(box, count):
    """Words of each script, rows of two words, words of subjects."""
    found = {name: set() for name, _ in SCRIPTS}
    rows, subjects = set(), set()
    for _, path in letters_of(box):
        for field, text in texts_of(path):
            if field == "?":
                continue
            text = unicodedata.normalize("NFC", text.lower())[:20000]
            for name, pattern in SCRIPTS:
                found[name].update(re.findall(pattern if name in ("kana", "han", "hangul") else r"\b%s\b" % pattern, text))
            if field == "b":
                rows.update(re.findall(r"\b[^\W\d_]{3,12} [^\W\d_]{3,12}\b", text))
            if field == "s":
                subjects.update(re.findall(r"\b[^\W_]{4,14}\b", text))
    rng = random.Random(5)
    for name, words in found.items():
        for word in rng.sample(sorted(words), min(count, len(words))):
            print("word\t" + word)
    for row in rng.sample(sorted(rows), min(count * 2, len(rows))):
        print('word\t"%s"' % row)
    for word in rng.sample(sorted(subjects), min(count * 2, len(subjects))):
        print("subject\t" + word)


if __name__ == "__main__":
    if sys.argv[1] == "choose":
        choose(sys.argv[2], int(sys.argv[3]))
    elif sys.argv[1] == "find":
        find(sys.argv[2])
