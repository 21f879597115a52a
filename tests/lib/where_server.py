#!/usr/bin/env python3
"""Says where mail is, for tests: a name server and a web server on 127.0.0.1. where_server.py DIR CERTIFICATE KEY
DIR/dns has lines "NAME SRV PRIORITY WEIGHT PORT HOST" and "NAME MX PRIORITY HOST" (read at each question); below DIR/web
lie the documents, DIR/web/HOST/PATH; DIR/redirects has lines "HOST/PATH URL". DIR/dns.port and DIR/web.port tell the
ports; every question goes into DIR/log. A name with "silent" in it is never answered."""
import http.server, os, socket, ssl, struct, sys, threading

top, certificate, key = sys.argv[1:4]
SRV, MX = 33, 15


def log(line):
    with open(os.path.join(top, "log"), "a") as out:
        out.write(line + "\n")


def tell(name, port):
    with open(os.path.join(top, name + ".new"), "w") as out:
        out.write(str(port))
    os.rename(os.path.join(top, name + ".new"), os.path.join(top, name))


def lines(name):
    try:
        with open(os.path.join(top, name)) as rows:
            return [row.split() for row in rows if row.strip()]
    except FileNotFoundError:
        return []


def wire_name(name):
    labels = [] if name == "." else name.rstrip(".").split(".")
    return b"".join(bytes([len(label)]) + label.encode() for label in labels) + b"\0"


def read_name(data, at):
    labels = []
    while data[at]:
        labels.append(data[at + 1:at + 1 + data[at]].decode("latin-1"))
        at += 1 + data[at]
    return ".".join(labels).lower(), at + 1


def record(row):
    if row[1] == "SRV":
        return struct.pack(">HHH", int(row[2]), int(row[3]), int(row[4])) + wire_name(row[5])
    return struct.pack(">H", int(row[2])) + wire_name(row[3])


def answer_dns(data):
    name, end = read_name(data, 12)
    kind = struct.unpack(">H", data[end:end + 2])[0]
    kind_name = {SRV: "SRV", MX: "MX"}.get(kind, str(kind))
    log("dns %s %s" % (name, kind_name))
    if "silent" in name:
        return None
    found = [row for row in lines("dns") if row[0].lower() == name and row[1] == kind_name]
    answer = data[:2] + struct.pack(">HHHHH", 0x8180 if found else 0x8183, 1, len(found), 0, 0) + data[12:end + 4]
    for row in found:
        rdata = record(row)
        answer += b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(rdata)) + rdata
    return answer


def serve_dns():
    place = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    place.bind(("127.0.0.1", 0))
    tell("dns.port", place.getsockname()[1])
    while True:
        data, peer = place.recvfrom(4096)
        answer = answer_dns(data)
        if answer:
            place.sendto(answer, peer)


class Web(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        host = self.headers.get("Host", "").split(":")[0]
        path = self.path.split("?")[0]
        log("web %s%s" % (host, self.path))
        for row in lines("redirects"):
            if row[0] == host + path:
                self.send_response(302)
                self.send_header("Location", row[1])
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
        file = os.path.join(top, "web", host, path.lstrip("/"))
        if ".." in path or not os.path.isfile(file):
            self.send_error(404)
            return
        body = open(file, "rb").read()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


threading.Thread(target=serve_dns, daemon=True).start()
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Web)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
server.socket = context.wrap_socket(server.socket, server_side=True)
tell("web.port", server.server_address[1])
server.serve_forever()
