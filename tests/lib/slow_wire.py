#!/usr/bin/env python3
"""A slow wire: slow_wire.py PORT TARGET FILE passes on what comes to 127.0.0.1:PORT to 127.0.0.1:TARGET, the
answers with as many bytes a second as FILE says (read anew all the time; "0": none, "cut": connections end).
How many bytes of answers that were stands in FILE.passed."""
import asyncio
import sys

port, target, file = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
STEP = 0.05
passed = 0


def speed():
    try:
        with open(file, encoding="ascii") as words:
            word = words.read().strip()
    except OSError:
        return 1 << 30
    return -1 if word == "cut" else int(word or 0)


def count(more):
    global passed
    passed += more
    with open(file + ".passed", "w", encoding="ascii") as out:
        out.write("%d\n" % passed)


async def forth(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


async def back(reader, writer):
    while True:
        now = speed()
        if now < 0:
            return
        if now == 0:
            await asyncio.sleep(STEP)
            continue
        data = await reader.read(min(65536, max(1, int(now * STEP))))
        if not data:
            return
        count(len(data))
        writer.write(data)
        await writer.drain()
        await asyncio.sleep(len(data) / now)


async def serve(reader, writer):
    try:
        if speed() < 0:
            return
        other, to_other = await asyncio.open_connection("127.0.0.1", target)
        tasks = [asyncio.create_task(forth(reader, to_other)), asyncio.create_task(back(other, writer))]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        to_other.close()
    except OSError:
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", port)
    await server.serve_forever()


asyncio.run(main())
