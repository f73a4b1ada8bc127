"""The meter's firmware as an image for a microcontroller, run by an emulator and used over its line.

The image is built here (tools/cortexm-build.sh), qemu-system-arm runs it with its serial line on TCP, and
a client that shares no code with GridTill reads it, lets it run out of money, and sells to it.
"""
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time

import park

TRIES = 10
METER_NO, CUSTOMER_NO = "202600000385", "310000000385"  # as tests/cortexm/board_mps2.c has them
PURCHASE_KEY = bytes([0x11, 1]) + bytes(14)
STATUS, CLOCK_SET, PURCHASE = 0x0000, 0x0160, 0x0100


def crc(frame):
    value = 0xFFFF
    for byte in frame:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return struct.pack("<H", value)


def cmac(key, data):
    """AES-CMAC by the openssl program."""
    done = subprocess.run(["openssl", "mac", "-cipher", "AES-128-CBC", "-macopt", "hexkey:" + key.hex(),
                           "-binary", "CMAC"], input=data, capture_output=True, check=True)
    return done.stdout


class Meter:
    def __init__(self, port):
        self.line = park.wait_until("the line", 10, lambda: self.dial(port))

    @staticmethod
    def dial(port):
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=1)
        except OSError:
            return None

    def ask(self, body, answer_len):
        """@return the answer without unit, function and CRC; an exception's code alone"""
        for _ in range(TRIES):
            self.line.sendall(body + crc(body))
            try:
                return self.hear(answer_len)
            except TimeoutError:
                continue  # as a master does: the firmware was not up yet, or the request was torn
        raise park.Failure(f"no answer to {body.hex()}")

    def hear(self, answer_len):
        got = b""
        while len(got) < (5 if len(got) > 1 and got[1] & 0x80 else answer_len):
            part = self.line.recv(256)
            if not part:
                raise park.Failure("the line closed")
            got += part
        if crc(got[:-2]) != got[-2:]:
            raise park.Failure(f"a damaged answer: {got.hex()}")
        return got[2:3] if got[1] & 0x80 else got[3:-2]

    def status(self):
        regs = self.ask(struct.pack(">BBHH", 1, 3, STATUS, 0x26), 5 + 2 * 0x26)
        energy, = struct.unpack_from(">I", regs, 2 * 0x15)
        balance, count = struct.unpack_from(">iH", regs, 2 * 0x1F)
        flags, = struct.unpack_from(">H", regs, 2 * 0x24)
        return {"energy": energy, "balance": balance, "count": count, "closed": flags >> 13 == 7,
                "debt": flags >> 5 & 1 == 1}

    def write(self, start, regs):
        """@return None when taken, else the exception"""
        body = struct.pack(">BBHHB", 1, 16, start, len(regs) // 2, len(regs)) + regs
        refused = self.ask(body, 8)
        return refused[0] if len(refused) == 1 else None

    def set_clock(self):
        now = time.gmtime(time.time() + 8 * 3600)
        values = (now.tm_year % 100, now.tm_mon, now.tm_mday, (now.tm_wday + 1) % 7, now.tm_hour,
                  now.tm_min, now.tm_sec)
        return self.write(CLOCK_SET, struct.pack(">7H", *values))

    def buy(self, fen, count, spoil=False):
        block = struct.pack(">II", fen, count) + bytes.fromhex(CUSTOMER_NO)
        mac = cmac(PURCHASE_KEY, struct.pack(">H", PURCHASE) + bytes.fromhex(METER_NO) + block)[:8]
        return self.write(PURCHASE, block + (bytes(8) if spoil else mac))


def expect(what, got, want):
    if got != want:
        raise park.Failure(f"{what}: {got}, expected {want}")


def use(meter, bench):
    """What a customer and a station do to a meter."""
    first = meter.status()
    expect("a new meter", (first["balance"], first["count"], first["closed"]), (100, 0, True))
    expect("the clock", meter.set_clock(), None)
    bench.sendall(b"p" * 100)  # 1,000 pulses: 1 kWh at 1 yuan
    spent = park.wait_until("the cut", 20, lambda: (lambda s: s if not s["closed"] else None)(meter.status()))
    expect("after 1 kWh", (spent["energy"], spent["balance"]), (100, 0))
    expect("a wrong MAC", meter.buy(5000, 1, spoil=True), 4)
    expect("a wrong count", meter.buy(5000, 2), 4)
    expect("a sale", meter.buy(5000, 1), None)
    lit = park.wait_until("the light", 20, lambda: (lambda s: s if s["closed"] else None)(meter.status()))
    expect("after the sale", (lit["balance"], lit["count"]), (5000, 1))
    expect("the same sale again", meter.buy(5000, 1), None)
    expect("paid once", meter.status()["balance"], 5000)


def run(image, base):
    emulator = ["qemu-system-arm", "-M", "mps2-an385", "-display", "none", "-monitor", "none",
                "-kernel", image]
    for port in (base, base + 1):
        emulator += ["-serial", f"tcp:127.0.0.1:{port},server=on,wait=off"]
    process = subprocess.Popen(emulator, stderr=subprocess.DEVNULL)
    try:
        meter = Meter(base)
        with socket.create_connection(("127.0.0.1", base + 1), timeout=5) as bench:
            use(meter, bench)
    finally:
        process.terminate()
        process.wait()


def main():
    with tempfile.TemporaryDirectory(prefix="gridtill-cortexm-") as folder:
        built = subprocess.run([os.path.join(park.ROOT, "tools", "cortexm-build.sh"), folder],
                               stdout=subprocess.PIPE, text=True, check=False)
        if built.returncode != 0:
            print(built.stdout)
            return built.returncode
        run(os.path.join(folder, "meter-mps2.elf"), park.free_base_port())
    print("cortexm: read, cut for debt, sold to, lit again, paid once")
    return 0


try:
    sys.exit(main())
except park.Failure as failure:
    print(f"cortexm: {failure}")
    sys.exit(1)
