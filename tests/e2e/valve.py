"""gridtill-sim meter on a CJ/T 188 and on an M-Bus line, read by a client written from the words of
the standards, which shares no line of code with it."""
import socket
import sys
import tempfile

import park
from meter import Program, expect

ADDRESS = 202601000257
UNIT = 17
SILENCE_S = 0.5


class Line:
    def __init__(self, program):
        self.socket = socket.create_connection(program.tcp(), timeout=5)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.socket.close()

    def take(self, count):
        got = b""
        while len(got) < count:
            more = self.socket.recv(count - len(got))
            if not more:
                raise park.Failure(f"the line ended after {got.hex()}")
            got += more
        return got

    def is_silent(self):
        self.socket.settimeout(SILENCE_S)
        try:
            return self.socket.recv(1) == b""
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(5)


def framed(body):
    return body + bytes([sum(body) & 0xFF, 0x16])


def cjt188_send(line, address, control, item, data=b""):
    body = item.to_bytes(2, "little") + b"\x01" + data
    line.socket.sendall(b"\xFE\xFE" + framed(
        bytes([0x68, 0xAA]) + address + bytes([control, len(body)]) + body))


def cjt188_take(line):
    head = line.take(11)
    rest = line.take(head[10] + 2)
    expect("frame", framed(head + rest[:-2]), head + rest)
    return head[9], head[2:9], rest[3:-2]


def decimal(raw):
    return int(raw[::-1].hex())


def cjt188(folder):
    everybody = b"\xAA" * 7
    own = bytes.fromhex(f"{ADDRESS % 10**10:014d}")[::-1]
    options = ["--protocol", "cjt188", "--listen", "tcp:127.0.0.1:0", "--address", str(ADDRESS),
               "--load", "36", "--balance", "50", "--speed", "60"]
    with Program(folder, *options) as program, Line(program) as line:
        cjt188_send(line, everybody, 0x03, 0x810A)
        expect("address", cjt188_take(line)[1], own)

        def total():
            cjt188_send(line, own, 0x01, 0x901F)
            control, address, data = cjt188_take(line)
            expect("answer", (control, address, len(data), data[4]), (0x81, own, 19, 0x05))
            return decimal(data[:4])
        first = total()
        park.wait_until("the register turns", 10, lambda: total() > first + 50)
        cjt188_send(line, own, 0x01, 0x8105)
        left = decimal(cjt188_take(line)[2][9:13])
        if not 0 < left < 5000:
            raise park.Failure(f"{left} fen are left of 5000")
        cjt188_send(line, own, 0x04, 0xA017, b"\x99")
        expect("a valve order that nobody signed", cjt188_take(line)[0], 0xC4)
        cjt188_send(line, own, 0x04, 0xA013, bytes.fromhex("0100500000"))
        expect("money that nobody signed", cjt188_take(line)[0], 0xC4)
        cjt188_send(line, bytes(7), 0x01, 0x901F)
        expect("another's frame is not answered", line.is_silent(), True)


def mbus_take(line):
    start = line.take(1)
    if start == b"\xE5":
        return start
    length = line.take(3)[0]
    body = line.take(length)
    expect("end", line.take(2), bytes([sum(body) & 0xFF, 0x16]))
    return body


def mbus_short(line, control, address):
    line.socket.sendall(b"\x10" + framed(bytes([control, address])))


def mbus_long(line, address, ci, data):
    body = bytes([0x53, address, ci]) + data
    line.socket.sendall(bytes([0x68, len(body), len(body), 0x68]) + framed(body))


def mbus(folder):
    options = ["--protocol", "mbus", "--listen", "tcp:127.0.0.1:0", "--address", str(UNIT),
               "--load", "36", "--balance", "50", "--speed", "60"]
    with Program(folder, *options) as program, Line(program) as line:
        mbus_short(line, 0x40, UNIT)
        expect("reset", mbus_take(line), b"\xE5")
        turn = [0x7B]

        def total():
            mbus_short(line, turn[0], UNIT)
            turn[0] ^= 0x20
            data = mbus_take(line)
            expect("answer", (data[0] & 0xDF, data[1], data[2]), (0x08, UNIT, 0x72))
            at = data.index(b"\x0C\x04", 15)  # 8 digits of 0.01 kWh
            return decimal(data[at + 2:at + 6])
        first = total()
        park.wait_until("the register turns", 10, lambda: total() > first + 50)
        mbus_long(line, 0xFD, 0x52, b"\xFF" * 8)
        expect("selected", mbus_take(line), b"\xE5")
        mbus_short(line, 0x7B, 0xFD)
        expect("read as selected", mbus_take(line)[2], 0x72)
        mbus_long(line, 0xFD, 0x51, bytes.fromhex("017A05"))
        expect("new address", mbus_take(line), b"\xE5")
        mbus_short(line, 0x40, 5)
        expect("reset there", mbus_take(line), b"\xE5")
        mbus_short(line, 0x40, UNIT)
        expect("the old one is not answered", line.is_silent(), True)


def main():
    with tempfile.TemporaryDirectory() as folder:
        for part in (cjt188, mbus):
            part(folder)
            print(f"{part.__name__}: as expected")
    return 0


if __name__ == "__main__":
    sys.exit(main())
