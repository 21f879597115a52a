#!/usr/bin/env python3
"""Between a program and its server: cutter.py PORT-FILE TARGET-PORT LIMIT-FILE COUNT-FILE. Each connection is cut when so
many bytes went over it, both ways together, as LIMIT-FILE says ("": never); SIGUSR1 cuts all that stand. COUNT-FILE gets
the number of bytes of the last connection that was not cut."""
import os, signal, socket, sys, threading

port_file, target, limit_file, count_file = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
listener = socket.create_server(("127.0.0.1", 0))
standing = set()


def limit():
    try:
        return int(open(limit_file).read())
    except (OSError, ValueError):
        return None


def cut(*sockets):
    for s in sockets:
        try:
            s.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


class Way:
    def __init__(self, client):
        self.client, self.count, self.limit = client, 0, limit()
        self.server = socket.create_connection(("127.0.0.1", target), 5)
        self.server.settimeout(None)
        self.lock = threading.Lock()
        for s in self.client, self.server:
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        standing.add(self)
        for a, b in (self.client, self.server), (self.server, self.client):
            threading.Thread(target=self.carry, args=(a, b), daemon=True).start()

    def room(self, want):
        with self.lock:
            n = want if self.limit is None else max(0, min(want, self.limit - self.count))
            self.count += n
            return n

    def carry(self, a, b):
        try:
            while True:
                data = a.recv(65536)
                if not data:
                    break
                n = self.room(len(data))
                b.sendall(data[:n])
                if n < len(data):
                    break
        except OSError:
            pass
        cut(self.client, self.server)
        if self in standing and self.limit is None:
            with open(count_file, "w") as f:
                f.write("%d\n" % self.count)
        standing.discard(self)


def begin(client):
    try:
        Way(client)
    except OSError:
        client.close()


def drop_all(*_):
    for way in list(standing):
        cut(way.client, way.server)


signal.signal(signal.SIGUSR1, drop_all)
with open(port_file + ".half", "w") as f:
    f.write("%d\n" % listener.getsockname()[1])
os.rename(port_file + ".half", port_file)
while True:
    try:
        threading.Thread(target=begin, args=(listener.accept()[0],), daemon=True).start()
    except InterruptedError:
        pass
