"""A client of DL/T 645, written from the words of the standard; knows nothing of the C code."""
import socket


class Refused(Exception):
    """The meter answered with an error byte (or word)."""

    def __init__(self, code):
        super().__init__(f"error {code.hex()}")
        self.code = code


def digits(number, count):
    """Packed decimal digits, low byte first."""
    return bytes.fromhex(f"{number:0{count}d}")[::-1]


def number_of(raw, decimals=0, signed=False):
    """The number that packed digits, low byte first, stand for."""
    sign = 1
    if signed and raw[-1] & 0x80:
        sign = -1
        raw = raw[:-1] + bytes([raw[-1] & 0x7F])
    return sign * int(raw[::-1].hex()) / 10 ** decimals


class Meter:
    """One meter at the far end of a TCP connection."""

    def __init__(self, host, port, address, timeout=5):
        self.address = digits(address, 12)
        self.line = socket.create_connection((host, port), timeout=timeout)
        self.line.settimeout(timeout)
        self.operator = bytes(4)

    def close(self):
        self.line.close()

    def _take(self, count):
        got = b""
        while len(got) < count:
            more = self.line.recv(count - len(got))
            if not more:
                raise ConnectionError("the meter hung up")
            got += more
        return got

    def _frame(self):
        byte = self._take(1)
        while byte == b"\xfe":
            byte = self._take(1)
        head = byte + self._take(9)
        rest = self._take(head[9] + 2)
        if head[0] != 0x68 or head[7] != 0x68 or rest[-1] != 0x16:
            raise ValueError(f"no frame: {(head + rest).hex()}")
        if sum(head + rest[:-2]) & 0xFF != rest[-2]:
            raise ValueError(f"checksum: {(head + rest).hex()}")
        return head[1:7], head[8], bytes((b - 0x33) & 0xFF for b in rest[:-2])

    def send(self, control, data=b"", address=None):
        head = b"\x68" + (address or self.address) + b"\x68" + bytes([control, len(data)])
        body = head + bytes((b + 0x33) & 0xFF for b in data)
        self.line.sendall(b"\xfe" * 4 + body + bytes([sum(body) & 0xFF, 0x16]))

    def ask(self, control, data=b"", address=None):
        """@return (whether more follows, data)"""
        self.send(control, data, address)
        sender, answer, data = self._frame()
        if sender != self.address or answer & 0x9F != control | 0x80:
            raise ValueError(f"answer {answer:02x} of {sender.hex()} to {control:02x}")
        if answer & 0x40:
            raise Refused(data)
        return bool(answer & 0x20), data


class Meter2007(Meter):
    """The edition of 2007."""

    def read(self, identifier):
        """All of it, however many frames that takes."""
        di = identifier.to_bytes(4, "little")
        more, data = self.ask(0x11, di)
        if data[:4] != di:
            raise ValueError("answers for another identifier")
        got, seq = data[4:], 0
        while more:
            seq += 1
            more, data = self.ask(0x12, di + bytes([seq]))
            if data[:4] != di or data[-1] != seq:
                raise ValueError("another following frame than asked for")
            got += data[4:-1]
        return got

    def write(self, identifier, value, level=2, password=0):
        head = identifier.to_bytes(4, "little") + bytes([level]) + digits(password, 6)
        self.ask(0x14, head + self.operator + value)

    def address_read(self):
        return self.ask(0x13, b"", b"\xaa" * 6)[1]

    def control(self, command, until, level=2, password=0):
        """@param until six pairs of digits: second minute hour day month year"""
        head = bytes([level]) + digits(password, 6) + self.operator
        self.ask(0x1C, head + bytes([command, 0]) + bytes.fromhex(until))


class Meter1997(Meter):
    """The edition of 1997."""

    def read(self, identifier):
        di = identifier.to_bytes(2, "little")
        more, data = self.ask(0x01, di)
        got = data[2:]
        while more:
            more, data = self.ask(0x02, di)
            got += data[2:]
        return got

    def write(self, identifier, value, level=2, password=0):
        self.ask(0x04, identifier.to_bytes(2, "little") + bytes([level]) + digits(password, 6) +
                 value)
