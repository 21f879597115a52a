#!/usr/bin/env python3
"""Tern beside mutt, neomutt, notmuch and the floor, all in one run: a table with the goals.

	bench.py [OPTION...] [LETTERS]		(in a build folder made with CFLAGS=-O2, no sanitizers)

LETTERS (100,000) are mailgen's: the same bytes each time. What grows with the mailbox is measured at a tenth and at ten
times as many, of small letters. Where a program would need very long it gets fewer letters, and the row says so.
Times are of the wall, the middle of several runs, with a warm page cache; beside them the processor's where that tells
more. Memory is what all its processes hold together (PSS), sampled, or the peak of the one that draws.
Nothing here is a test: the exit status is 0 also where a goal is missed.
"""
import argparse, fcntl, glob, os, pty, re, select, shutil, signal, statistics, struct, subprocess, sys, tempfile
import termios, threading, time

BUILD = os.getcwd()
TERN = BUILD + "/tern"
PEOPLE = rb"(Lena|Oleg|Ada|Ivan|Mei|Jo|Nora|Tom) [A-Z]"
FIRST_DATE = 1400000000
PATIENCE = 900
rows = []


def tell(text):
    print(text, file=sys.stderr, flush=True)


# --- running

class Memory(threading.Thread):
    """The most that a process and all below it hold together, in MB."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.peak, self.is_done = pid, 0, False
        self.start()

    def family(self):
        parents = {}
        for path in glob.glob("/proc/[0-9]*/stat"):
            try:
                words = open(path).read().rsplit(")", 1)[1].split()
                parents.setdefault(int(words[1]), []).append(int(path.split("/")[2]))
            except OSError:
                pass
        todo, found = [self.pid], []
        while todo:
            found.append(todo.pop())
            todo += parents.get(found[-1], [])
        return found

    def run(self):
        while not self.is_done:
            total = 0
            for pid in self.family():
                try:
                    text = open("/proc/%d/smaps_rollup" % pid).read()
                    total += int(re.search(r"^Pss:\s+(\d+)", text, re.M).group(1))
                except (OSError, AttributeError):
                    pass
            self.peak = max(self.peak, total / 1024)
            time.sleep(0.1)

    def end(self):
        self.is_done = True
        self.join()
        return self.peak


class Ran:
    def __init__(self, argv, env, sample=False):
        start = time.monotonic()
        child = subprocess.Popen(argv, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE)
        memory = Memory(child.pid) if sample else None
        self.out = child.stdout.read().decode("utf-8", "replace")
        self.said = child.stderr.read().decode("utf-8", "replace")
        status, used = os.wait4(child.pid, 0)[1:]
        child.returncode = 0
        self.ms = (time.monotonic() - start) * 1e3
        self.cpu = (used.ru_utime + used.ru_stime) * 1e3
        self.mb = max(memory.end() if memory else 0, used.ru_maxrss / 1024 if not sample else 0)
        if status:
            tell("%s: status %d: %s" % (" ".join(argv)[:200], status, self.said[:300]))


def run(argv, env, times=1, sample=False):
    """The run of the middle; the most of memory."""
    ran = sorted((Ran(argv, env, sample) for _ in range(times)), key=lambda one: one.ms)
    middle = ran[len(ran) // 2]
    middle.mb = max(one.mb for one in ran)
    return middle


class Screen:
    """A program on a terminal of 80 by 24."""

    def __init__(self, argv, env):
        self.start = time.monotonic()
        self.seen = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
            os.execvpe(argv[0], argv, env)

    def wait_for(self, pattern, patience=PATIENCE):
        """Milliseconds since the start, or None: it did not come."""
        until = time.monotonic() + patience
        while not re.search(pattern, self.seen):
            left = until - time.monotonic()
            try:
                if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                    return None
                self.seen += os.read(self.fd, 65536)
            except OSError:
                return None
        return (time.monotonic() - self.start) * 1e3

    def drain(self, seconds):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if select.select([self.fd], [], [], 0.05)[0]:
                try:
                    self.seen = os.read(self.fd, 65536)
                except OSError:
                    return

    def memory(self):
        try:
            return int(re.search(r"VmHWM:\s*(\d+)", open("/proc/%d/status" % self.pid).read()).group(1)) / 1024
        except (OSError, AttributeError):
            return 0

    def end(self):
        """Milliseconds of processor."""
        try:
            os.kill(self.pid, signal.SIGKILL)
        except OSError:
            pass
        used = os.wait4(self.pid, 0)[2]
        os.close(self.fd)
        return (used.ru_utime + used.ru_stime) * 1e3


def first_screen(argv, env, times, pattern=PEOPLE, before=None, after=None):
    """Milliseconds (the middle) and MB (the most) until PATTERN is on the screen; None: it never was."""
    took, most = [], 0
    for _ in range(times):
        if before:
            before()
        screen = Screen(argv, env)
        ms = screen.wait_for(pattern)
        if ms is None:
            tell("%s: nothing came: %r" % (argv[0], screen.seen[-300:]))
        else:
            took.append(ms)
            most = max(most, screen.memory())
        screen.end()
        if after:
            after()
    return (statistics.median(took), most) if took else (None, most)


# --- the homes of the programs

class Work:
    def __init__(self, options):
        self.dir = tempfile.mkdtemp(prefix="tern-bench-", dir=options.dir)
        self.options = options
        self.homes = []

    def home(self, name):
        """A fresh one; its environment."""
        path = os.path.join(self.dir, name)
        self.stop(path)
        shutil.rmtree(path, ignore_errors=True)
        os.makedirs(path)
        if path not in self.homes:
            self.homes.append(path)
        env = dict(os.environ, HOME=path, TERN_HOME=path, LC_ALL="C.UTF-8", TERM="xterm-256color", MAIL="/nowhere",
                   PATH=BUILD + ":" + os.environ["PATH"])
        for name in ("NOTMUCH_CONFIG", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"):
            env.pop(name, None)
        return env

    def daemon(self, home):
        try:
            return int(open(home + "/run/ternd.lock").read())
        except (OSError, ValueError):
            return 0

    def stop(self, home):
        """ternd serves a screen that went for a while: here nothing shall run besides what is measured."""
        pid = self.daemon(home)
        for wait in range(100):
            try:
                if not pid or "ternd" not in open("/proc/%d/comm" % pid).read():
                    return
                os.kill(pid, signal.SIGTERM if wait < 50 else signal.SIGKILL)
            except OSError:
                return
            time.sleep(0.05)

    def clean(self):
        for home in self.homes:
            self.stop(home)
        if not self.options.keep:
            shutil.rmtree(self.dir, ignore_errors=True)


def has(peer):
    return not work.options.no_peers and shutil.which(peer)


def warm(box):
    for entry in os.scandir(box + "/cur"):
        with open(entry.path, "rb") as file:
            while file.read(1 << 20):
                pass


def size_of(path):
    return sum(os.lstat(os.path.join(top, name)).st_blocks * 512
               for top, _, names in os.walk(path) for name in names) / 1e6


def floor(*argv, env=None):
    return subprocess.run([BUILD + "/tests/bench/floor", *argv], capture_output=True, text=True,
                          env=env).stdout.split()


def muttrc(env, name, *lines):
    path = env["HOME"] + "/" + name
    with open(path, "w") as file:
        file.write("set folder=%s\nset record=\nset postponed=\nset quit=yes\nset move=no\nset sort=threads\n"
                   "set wait_key=no\n" % env["HOME"] + "".join(line + "\n" for line in lines))
    return path


def mutt(env, name, box, *lines, more=()):
    return [name, "-n", "-F", muttrc(env, name + "rc", *lines), "-f", box, *more]


# --- the table

def show(ms):
    if ms is None:
        return "-"
    return "%.2f s" % (ms / 1e3) if ms >= 1000 else "%.0f ms" % ms if ms >= 100 else "%.1f ms" % ms


def row(measure, peers, tern, goal, is_reached):
    rows.append((measure, peers, tern, goal, "-" if is_reached is None else "yes" if is_reached else "NO"))
    tell("   ".join(str(cell) for cell in rows[-1]))


def times_of(peer, own):
    return "" if peer is None or not own else " (%.3g times)" % (peer / own)


def versus(own, **peers):
    said = ["%s %s%s" % (name, show(ms), times_of(ms, own)) for name, ms in peers.items() if ms is not None]
    return ", ".join(said) or "-"


# --- what is measured

def measure_growth(few, many):
    """Opening what did not change, at FEW and MANY letters."""
    took = {}
    for count in (few, many):
        box = os.path.join(work.dir, "small-%d" % count)
        subprocess.run([BUILD + "/tests/bench/make-maildir", "-n", str(count), "-b", "300", box], check=True)
        env = work.home("growth")
        start = time.monotonic()
        run([TERN, "search", "--count", "--account", box, "id:none"], env)
        tell("%d small letters, read in for the first time: %.1f s" % (count, time.monotonic() - start))
        first_screen([TERN, "-f", box], env, 1) # ternd starts
        took[count] = first_screen([TERN, "-f", box], env, work.options.times)
        work.stop(env["HOME"])
        shutil.rmtree(box)
    small, big = took[few], took[many]
    if small[0] and big[0]:
        row("start, %d against %d letters" % (many, few), "grows linearly", "%s / %s = %.2f times" % (
            show(big[0]), show(small[0]), big[0] / small[0]), "1.5 times", big[0] <= 1.5 * small[0])
    row("peak memory of the screen, %d" % many, "", "%.1f MB" % big[1], "30 MB", big[1] <= 30)


def measure_never_seen(box):
    env = work.home("never")
    anew = lambda: work.home("never")
    ms, _ = first_screen([TERN, "-f", box], env, 3, before=anew)
    work.stop(env["HOME"])
    peers = {name: first_screen(mutt(env, name, box), env, 1)[0] for name in ("mutt", "neomutt") if has(name)}
    row("first screen of a folder never seen", versus(ms, **peers), show(ms), "150 ms", ms is not None and ms <= 150)


def measure_first_index(box, count):
    env = work.home("home")
    heads = float(floor("heads", box + "/cur")[0])
    inserts = float(floor("rows", str(count), work.dir + "/floor.db")[0])
    peers = {}
    for name in ("mutt", "neomutt"):
        if has(name):
            os.makedirs(env["HOME"] + "/" + name + "-cache")
            peers[name] = first_screen(mutt(env, name, box, 'set header_cache="~/%s-cache"' % name), env, 1)[0]
    ran = run([TERN, "search", "--count", "--account", box, "id:none"], env, sample=True)
    scale = count / 100000
    row("first index of headers + threads", versus(ran.ms, **peers, floor=heads + inserts),
        "%s, cpu %s" % (show(ran.ms), show(ran.cpu)), "%.3g s, and twice the floor" % (2.5 * scale),
        ran.ms <= 2500 * scale and ran.ms <= 2 * (heads + inserts))
    row("   its memory", "", "%.1f MB" % ran.mb, "60 MB", ran.mb <= 60)
    return env


def measure_start(box, env, count):
    first_screen([TERN, "-f", box], env, 1) # ternd starts
    ms, mb = first_screen([TERN, "-f", box], env, work.options.times)
    daemon = work.daemon(env["HOME"])
    peers, memory = {}, []
    for name in ("mutt", "neomutt"):
        if has(name):
            argv = mutt(env, name, box, 'set header_cache="~/%s-cache"' % name)
            peers[name], used = first_screen(argv, env, 3)
            memory.append("%s %.1f MB" % (name, used))
    row("start to first screen, indexed, unchanged", versus(ms, **peers), show(ms), "1/60 of mutt's",
        None if not peers.get("mutt") else ms <= peers["mutt"] / 60)
    row("peak memory of the screen, %d" % count, ", ".join(memory), "%.1f MB" % mb, "20 MB", mb <= 20)
    if daemon:
        text = open("/proc/%d/status" % daemon).read()
        tell("ternd at its peak: %.1f MB" % (int(re.search(r"VmHWM:\s*(\d+)", text).group(1)) / 1024))
    work.stop(env["HOME"])


def measure_reading(box, env, count):
    scale = count / 100000
    texts = float(floor("texts", box + "/cur")[0])
    for word in ("rarex000001", "commonterm"):
        shutil.rmtree(env["HOME"] + "/cache/search", ignore_errors=True)
        ran = run([TERN, "search", "--count", "--account", box, word], env)
        peers = {"floor (one process)": texts}
        if word == "rarex000001" or count <= 10000:
            for name in ("mutt", "neomutt"):
                if has(name):
                    argv = mutt(env, name, box, 'set header_cache="~/%s-cache"' % name,
                                more=("-e", 'push "<limit>~b %s<enter><exit>"' % word))
                    screen = Screen(argv, env)
                    screen.wait_for(rb"\?1049l\Z") # until it ends
                    peers[name] = (time.monotonic() - screen.start) * 1e3
                    screen.end()
        row("body search with no index: %s" % word, versus(ran.ms, **peers), "%s, cpu %s, %s hits" % (
            show(ran.ms), show(ran.cpu), ran.out.strip()), "%.3g s" % (2 * scale), ran.ms <= 2000 * scale)


def notmuch_at(box, env, count):
    """Its index of at most so many letters as it can take in a while: seconds, MB, memory, letters."""
    most = count if work.options.all else min(count, work.options.peer_letters or max(500, count // 10))
    mail = env["HOME"] + "/notmuch/cur"
    os.makedirs(mail)
    for entry in sorted(os.scandir(box + "/cur"), key=lambda entry: entry.name)[:most]:
        os.link(entry.path, mail + "/" + entry.name)
    with open(env["HOME"] + "/.notmuch-config", "w") as file:
        file.write("[database]\npath=%s/notmuch\n[new]\ntags=\n" % env["HOME"])
    ran = run(["notmuch", "new"], env, sample=True)
    return ran, size_of(env["HOME"] + "/notmuch/.notmuch"), most


def measure_words(box, env, count):
    scale = count / 100000
    ran = run([TERN, "index", box], env, sample=True)
    mb = size_of(env["HOME"] + "/cache/search")
    own = notmuch_ms = most = None
    said, said_mb, said_memory = "-", "", ""
    if has("notmuch"):
        own, files, most = notmuch_at(box, env, count)
        notmuch_ms = own.ms
        times = own.ms / most / (ran.ms / count)
        said = "notmuch %s for %d letters (%.3g times a letter)" % (show(own.ms), most, times)
        said_mb = "notmuch %.0f MB for %d letters" % (files, most)
        said_memory = "notmuch %.0f MB" % own.mb
    row("full-text index, complete", said, "%s, cpu %s" % (show(ran.ms), show(ran.cpu)), "%.3g s" % (30 * scale),
        ran.ms <= 30000 * scale)
    row("   its files", said_mb, "%.1f MB" % mb, "%.3g MB" % (300 * scale), mb <= 300 * scale)
    row("   its memory", said_memory, "%.1f MB" % ran.mb, "150 MB", ran.mb <= 150)


def measure_queries(box, env):
    asked = (("rarex000001", "a rare word", 5), ("commonterm", "a word in 45 % of all", 20))
    inside = floor("ask", box, *[word for word, _, _ in asked], env=env)
    for at, (word, what, goal) in enumerate(asked):
        ms, hits = float(inside[at * 2]), inside[at * 2 + 1]
        row("query, %s, first %s hits, inside" % (what, hits), "", show(ms), "%d ms" % goal, ms <= goal)
        ran = run([TERN, "search", "--limit", "50", "--account", box, word], env, work.options.times)
        peers = {}
        if os.path.exists(env["HOME"] + "/.notmuch-config"):
            peers["notmuch"] = run(["notmuch", "search", "--limit=50", word], env, 3).ms
        row("   as a command", versus(ran.ms, **peers), "%s, cpu %s" % (show(ran.ms), show(ran.cpu)), "40 ms",
            ran.ms <= 40)


def measure_empty(env):
    box = work.dir + "/empty"
    for name in ("cur", "new", "tmp"):
        os.makedirs(box + "/" + name, exist_ok=True)
    first_screen([TERN, "-f", box], env, 1, rb"help")
    ms, _ = first_screen([TERN, "-f", box], env, work.options.times * 2, rb"help")
    peers = {name: first_screen(mutt(env, name, box), env, work.options.times, rb"---")[0]
             for name in ("mutt", "neomutt") if has(name)}
    row("start with an empty mailbox", versus(ms, **peers), show(ms), "12 ms", ms is not None and ms <= 12)
    work.stop(env["HOME"])


# Subjects of what comes; no sign stands where it stood the time before, so that a screen draws all of it.
MARKS = ("QXQXQXQX", "ZKZKZKZK", "WVWVWVWV", "JYJYJYJY")


def change_box(box, number):
    """A hundred come and a hundred are renamed, as another program does it."""
    for i in range(100):
        name = "%d.M%dR%d.bench" % (FIRST_DATE + 600000000 + number * 1000 + i, i, number)
        with open("%s/tmp/%s" % (box, name), "w") as file:
            file.write("From: Zoe New <zoe@new.example>\nTo: me@localhost\nSubject: %s\n"
                       "Date: Tue, 1 Jan 2030 %02d:%02d:%02d +0000\nMessage-ID: <new%d.%d@bench.example>\n\nNew.\n"
                       % (MARKS[number], number, i // 60, i % 60, number, i))
    names = sorted(os.listdir(box + "/cur"))[number * 100:][:100]
    for name in names:
        os.rename(box + "/cur/" + name, box + "/cur/" + name.split(":2,")[0] + ":2,FRS")
    for name in os.listdir(box + "/tmp"):
        os.rename(box + "/tmp/" + name, box + "/new/" + name)


def measure_news(box, env):
    took, cpu = [], []
    for number in range(3):
        screen = Screen([TERN, "-f", box], env)
        screen.wait_for(PEOPLE + rb"|Zoe", 60)
        os.write(screen.fd, b"=")
        screen.drain(3)
        change_box(box, number)
        written = time.monotonic()
        if screen.wait_for(MARKS[number].encode(), 60) is None:
            tell("what came was not seen: %r" % screen.seen[-300:])
        else:
            took.append((time.monotonic() - written) * 1e3)
        screen.drain(2)
        screen.end()
    work.stop(env["HOME"])
    change_box(box, 3)
    ran = run([TERN, "search", "--count", "--account", box, "id:none"], env)
    ms = statistics.median(took) if took else None
    row("100 new + 100 flag changes noticed", "", "%s to the screen; as a command %s, cpu %s" % (
        show(ms), show(ran.ms), show(ran.cpu)), "100 ms", ms is not None and ms <= 100)


def install_peers():
    if work.options.no_peers:
        return
    missing = [name for name in ("mutt", "neomutt", "notmuch") if not shutil.which(name)]
    if missing and os.geteuid() == 0 and shutil.which("apt-get") and not work.options.no_install:
        tell("installing " + " ".join(missing))
        subprocess.run(["apt-get", "install", "-y", "--no-install-recommends", *missing],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for name in missing:
        if not shutil.which(name):
            tell("%s is not there: it is left out" % name)


def print_table(count):
    head = ("measure, %d letters" % count, "others (how often tern's time)", "tern", "goal", "reached")
    widths = [max(len(line[i]) for line in [head, *rows]) for i in range(5)]
    for line in [head, tuple("-" * width for width in widths), *rows]:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())


def measure_all(count):
    box = os.path.join(work.dir, "box")
    subprocess.run([BUILD + "/tests/bench/mailgen", "-n", str(count), box], check=True)
    warm(box)
    tell("%d letters, %.0f MB; load %s" % (count, size_of(box), open("/proc/loadavg").read().split()[0]))
    wanted = work.options.only
    if wanted("empty"):
        measure_empty(work.home("empty-home"))
    if wanted("never"):
        measure_never_seen(box)
    env = measure_first_index(box, count)
    if wanted("start"):
        measure_start(box, env, count)
    if wanted("reading"):
        measure_reading(box, env, count)
    if wanted("words"):
        measure_words(box, env, count)
    if wanted("query"):
        measure_queries(box, env)
    if wanted("news"):
        measure_news(box, env)
    shutil.rmtree(box)
    if wanted("growth"):
        measure_growth(count // 10, count * work.options.grow)
    print_table(count)


def options_of(argv):
    parser = argparse.ArgumentParser(description="Tern beside mutt, neomutt, notmuch and the floor.")
    parser.add_argument("letters", nargs="?", type=int, default=100000)
    parser.add_argument("--times", type=int, default=7, help="runs of what is quick (the middle counts)")
    parser.add_argument("--grow", type=int, default=10, help="so many times LETTERS in the row that asks for growth")
    parser.add_argument("--peer-letters", type=int, help="so many for notmuch's index (a tenth)")
    parser.add_argument("--all", action="store_true", help="notmuch gets all letters, however long it takes")
    parser.add_argument("--only", help="empty,never,start,reading,words,query,news,growth: these alone")
    parser.add_argument("--no-install", action="store_true", help="leave out peers that are not there")
    parser.add_argument("--no-peers", action="store_true", help="tern and the floor alone")
    parser.add_argument("--dir", default=os.environ.get("TMPDIR", "/tmp"), help="where the letters are made")
    parser.add_argument("--keep", action="store_true", help="leave them there")
    options = parser.parse_args(argv)
    chosen = options.only.split(",") if options.only else None
    options.only = lambda name: chosen is None or name in chosen
    return options


work = Work(options_of(sys.argv[1:]))
try:
    install_peers()
    measure_all(work.options.letters)
finally:
    work.clean()
