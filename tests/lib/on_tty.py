#!/usr/bin/env python3
"""Runs a command on a terminal of its own and answers what it asks: on_tty.py INPUT QUESTION ANSWER [QUESTION ANSWER]... --
COMMAND... . INPUT is a file for its standard input. All that was written on the terminal goes to standard output; the
exit status is the command's."""
import os, pty, re, select, sys

split = sys.argv.index("--")
source, pairs, command = sys.argv[1], sys.argv[2:split], sys.argv[split + 1:]
pid, fd = pty.fork()
if pid == 0:
    os.dup2(os.open(source, os.O_RDONLY), 0)
    os.execvp(command[0], command)
seen = b""
start = 0
while True:
    if not select.select([fd], [], [], 90)[0]:
        break
    try:
        data = os.read(fd, 65536)
    except OSError:
        break
    if not data:
        break
    seen += data
    if pairs and re.search(pairs[0].encode(), seen[start:]):
        start = len(seen)
        os.write(fd, pairs[1].encode() + b"\n")
        pairs = pairs[2:]
sys.stdout.buffer.write(seen)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
