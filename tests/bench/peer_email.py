#!/usr/bin/env python3
# What `tern show --json` does, done by Python's email, for the measure in show.sh: list of files on stdin.
import email
import hashlib
import json
import sys
from email import policy


def leaf(part):
    content = part.get_payload(decode=True) or b""
    return {
        "type": part.get_content_type(),
        "charset": part.get_content_charset(),
        "disposition": part.get_content_disposition(),
        "filename": part.get_filename(),
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def people(message, name):
    field = message[name]
    return [{"name": a.display_name, "addr": a.addr_spec} for a in field.addresses] if field else []


def show(path):
    with open(path, "rb") as file:
        message = email.message_from_binary_file(file, policy=policy.default)
    body = message.get_body(("plain", "html"))
    return {
        "file": path,
        "subject": message["Subject"],
        "from": people(message, "From"),
        "to": people(message, "To"),
        "cc": people(message, "Cc"),
        "date": message["Date"].datetime.timestamp() if message["Date"] else None,
        "message_id": message["Message-ID"],
        "references": (message["References"] or "").split(),
        "parts": [leaf(part) for part in message.walk() if not part.is_multipart()],
        "text": body.get_content() if body else "",
    }


for line in sys.stdin:
    try:
        print(json.dumps(show(line.rstrip("\n")), ensure_ascii=False))
    except Exception as error:
        print(json.dumps({"file": line.rstrip("\n"), "error": str(error)}))
