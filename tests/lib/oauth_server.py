#!/usr/bin/env python3
"""Gives out OAuth2 tokens, for tests. oauth_server.py DIR CERTIFICATE KEY: /authorize, /token and /device by HTTPS (port
in DIR/oauth.port), and for Dovecot /introspect by HTTP (DIR/introspect.port), all on 127.0.0.1. DIR/life holds the seconds
a token lives, DIR/valid the one access token that is good now, DIR/mood "revoked" (no refresh any more) or "down" (503), "late" (two seconds for every new token);
requests for tokens go into DIR/log. oauth_server.py browse CA URL plays the browser of somebody who says yes."""
import base64, hashlib, http.server, json, os, ssl, sys, threading, time, urllib.parse, urllib.request

if sys.argv[1] == "browse":
    context = ssl.create_default_context(cafile=sys.argv[2])
    urllib.request.urlopen(sys.argv[3], context=context, timeout=20).read()
    sys.exit(0)

top, certificate, key = sys.argv[1:4]
state = {"count": 0, "challenge": "", "polls": 0}


def read(name, otherwise=""):
    try:
        return open(os.path.join(top, name)).read().strip()
    except FileNotFoundError:
        return otherwise


def write(name, text):
    with open(os.path.join(top, name + ".new"), "w") as out:
        out.write(text)
    os.rename(os.path.join(top, name + ".new"), os.path.join(top, name))


def fresh():
    state["count"] += 1
    token = "access-%d" % state["count"]
    write("valid", token)
    return {"access_token": token, "refresh_token": "refresh-%d" % state["count"], "token_type": "Bearer",
            "expires_in": int(read("life", "3600"))}


def code_is_right(form):
    digest = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
    return form.get("code") == "code-1" and digest.decode().rstrip("=") == state["challenge"]


def token(form):
    kind = form.get("grant_type")
    if read("mood") == "down":
        return 503, {"error": "temporarily_unavailable"}
    if form.get("client_id") != "tern-test":
        return 401, {"error": "invalid_client"}
    if kind == "authorization_code":
        return (200, fresh()) if code_is_right(form) else (400, {"error": "invalid_grant"})
    if kind == "refresh_token" and read("mood") == "revoked":
        return 400, {"error": "invalid_grant", "error_description": "Token has been \x1b[31m revoked."}
    if kind == "refresh_token" and read("mood") == "late":
        answer = fresh() if form.get("refresh_token") == "refresh-%d" % state["count"] else {"error": "invalid_grant"}
        time.sleep(2)
        return 200, answer
    if kind == "refresh_token":
        good = form.get("refresh_token") == "refresh-%d" % state["count"]
        return (200, fresh()) if good else (400, {"error": "invalid_grant"})
    state["polls"] += 1
    return (400, {"error": "authorization_pending"}) if state["polls"] < 2 else (200, fresh())


class Handler(http.server.BaseHTTPRequestHandler):
    def send(self, status, body, headers=()):
        data = json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        if url.path == "/authorize":
            state["challenge"] = query.get("code_challenge", "")
            answer = {"code": "code-1", "state": query.get("state", "")}
            wrong = query["redirect_uri"] + "?" + urllib.parse.urlencode({"code": "evil", "state": "guessed"})
            try:
                urllib.request.urlopen(wrong, timeout=5)
            except urllib.error.HTTPError as refused:
                write("stranger", str(refused.code))
            self.send(302, {}, [("Location", query["redirect_uri"] + "?" + urllib.parse.urlencode(answer))])
        elif url.path == "/introspect":
            good = query.get("token") == read("valid")
            self.send(200, {"active": good, "user": "bob"} if good else {"active": False})
        else:
            self.send(404, {})

    def do_POST(self):
        form = dict(urllib.parse.parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        with open(os.path.join(top, "log"), "a") as out:
            out.write("%s %s\n" % (self.path, form.get("grant_type", "")))
        if self.path == "/device":
            self.send(200, {"device_code": "device-1", "user_code": "WDJB-MJHT", "interval": 1, "expires_in": 60,
                            "verification_uri": "https://localhost/device"})
        else:
            self.send(*token(form))

    def log_message(self, *words):
        pass


plain = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=plain.serve_forever, daemon=True).start()
write("introspect.port", str(plain.server_address[1]))
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
server.socket = context.wrap_socket(server.socket, server_side=True)
write("oauth.port", str(server.server_address[1]))
server.serve_forever()
