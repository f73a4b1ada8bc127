#!/usr/bin/env python3
"""An independent station for the security element: keys, MACs and seals by the openssl program.

It knows the words of docs/security-element.md and shares no code with the element or its host. For
random keys, numbers and texts it derives the meter's keys, answers challenges, buys, writes files,
changes keys and reads back; the element must accept all of it, and its own MACs must be right.
usage: element.py DRIVER [CASES [SEED]]
"""
import random
import subprocess
import sys

TDES, AES, SM4 = range(3)
LABELS = [b"update", b"parameter", b"control", b"auth", b"purchase", b"card", b"meter"]
UPDATE, PARAMETER, CONTROL, IDENTITY, PURCHASE, CARD, METER = range(7)


def openssl(*args, data=b""):
    return subprocess.run(["openssl", *args], input=data, capture_output=True, check=True).stdout


def des_ede(key, data, iv=None):
    mode = ["-des-ede"] if iv is None else ["-des-ede-cbc", "-iv", iv.hex()]
    return openssl("enc", *mode, "-nopad", "-K", key.hex(), data=data)


def name(kind):
    return "SM4-CBC" if kind == SM4 else "AES-128-CBC"


def cmac(kind, key, data):
    out = openssl("mac", "-cipher", name(kind), "-macopt", "hexkey:" + key.hex(), "-in",
                  "/dev/stdin", "CMAC", data=data)
    return bytes.fromhex(out.decode().strip())


def derive(kind, key, slot_label, device, version):
    if kind == TDES:
        return des_ede(key, device + bytes(b ^ 0xFF for b in device))
    out = openssl("kdf", "-keylen", "16", "-kdfopt", "mac:CMAC", "-kdfopt", "cipher:" + name(kind),
                  "-kdfopt", "hexkey:" + key.hex(), "-kdfopt", "hexsalt:" + slot_label.hex(),
                  "-kdfopt", "hexinfo:" + (device + bytes([version])).hex(), "-binary", "KBKDF")
    return out


def answer(kind, key, challenge):
    return des_ede(key, challenge) if kind == TDES else cmac(kind, key, challenge)[:8]


def pad(kind, data):
    size = 8 if kind == TDES else 16
    data += b"\x80"
    return data + bytes(-len(data) % size)


def mac(kind, key, challenge, head, text):
    seed = challenge + bytes(8 - len(challenge))
    if kind != TDES:
        return cmac(kind, key, seed + head + text)[:4]
    data = pad(kind, head + text)
    left = key[:8] * 2          # triple DES with twice the same key is single DES
    chain = seed
    if len(data) > 8:
        chain = des_ede(left, data[:-8], seed)[-8:]
    last = bytes(a ^ b for a, b in zip(chain, data[-8:]))
    return des_ede(key, last)[:4]


def seal(kind, key, challenge, text):
    data = pad(kind, bytes([len(text)]) + text)
    if kind == TDES:
        return des_ede(key, data)
    own = derive(kind, key, b"seal", bytes(8), 0)
    cipher = "-sm4-cbc" if kind == SM4 else "-aes-128-cbc"
    iv = openssl("enc", cipher, "-nopad", "-K", own.hex(), "-iv", "00" * 16,
                 data=challenge + bytes(16 - len(challenge)))
    return openssl("enc", cipher, "-nopad", "-K", own.hex(), "-iv", iv.hex(), data=data)


class Element:
    def __init__(self, driver):
        self.process = subprocess.Popen([driver], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def apdu(self, command, want=0x9000):
        got = bytes.fromhex(self.ask("apdu " + command.hex()))
        status = int.from_bytes(got[:2], "big")
        assert status == want, f"{command.hex()}: {status:04x}, expected {want:04x}"
        return got[2:]


def case(chip, kind, rng):
    number = rng.randrange(10 ** 12)
    device = bytes(2) + bytes.fromhex(f"{number:012d}")
    site = [rng.randbytes(16) for _ in LABELS]
    keys = [derive(kind, key, LABELS[i], device, 0) if i < CARD else key
            for i, key in enumerate(site)]
    got = chip.ask(f"make {kind} {number} {b''.join(site).hex()}")
    assert got == b"".join(keys).hex(), "keys of the meter"
    # identity
    asked = rng.randbytes(8)
    chip.apdu(bytes.fromhex("80fa000308") + device)
    child = derive(kind, keys[IDENTITY], b"auth", device, 0)
    assert chip.apdu(bytes.fromhex("80fa000008") + asked) == answer(kind, child, asked)
    challenge = chip.apdu(bytes.fromhex("0084000004"))

    def command(head4, slot, text, want=0x9000):
        head = bytes.fromhex(head4) + bytes([len(text) + 4])
        chip.apdu(head + text + mac(kind, keys[slot], challenge, head, text), want)

    # purchases, the second one also by a wrong count
    amount = rng.randrange(2 ** 31)
    first = amount.to_bytes(4, "big") + (1).to_bytes(4, "big")
    command("8432010c", PURCHASE, first)
    command("8432010c", PURCHASE, first, 0x6985)
    command("8432010c", PARAMETER, first, 0x6988)
    # files: plain and sealed
    text = rng.randbytes(rng.randint(1, 30))
    command("04d68210", PARAMETER, text)
    assert chip.apdu(bytes.fromhex("00b08210") + bytes([len(text)])) == text
    text = rng.randbytes(rng.randint(1, 60))
    command("04d68800", CONTROL, seal(kind, keys[CONTROL], challenge, text))
    assert chip.apdu(bytes.fromhex("00b08800") + bytes([len(text)])) == text
    # read back with MAC: the amount, under the challenge of the station
    head = bytes.fromhex("04d6820008")
    got = chip.apdu(bytes.fromhex("04b2010c09") + asked[:4] + head)
    assert got == amount.to_bytes(4, "big") + mac(kind, keys[PURCHASE], asked[:4], head, got[:4])
    # a new purchase key, and a purchase under it
    info = bytes([1, 1, PURCHASE, rng.randint(1, 255)])
    key = rng.randbytes(16)
    wrapped = seal(kind, keys[UPDATE], challenge, info + key + bytes(4))
    command("84d401ff", UPDATE, info + wrapped)
    keys[PURCHASE] = key
    command("8432010c", PURCHASE, (7).to_bytes(4, "big") + (2).to_bytes(4, "big"))
    # a card proves itself and buys
    serial = rng.randbytes(8)
    card = derive(kind, keys[CARD], b"card", serial, 0)
    challenge = chip.apdu(bytes.fromhex("0084000008"))
    chip.apdu(bytes.fromhex("0082000110") + answer(kind, card, challenge) + serial)
    challenge = chip.apdu(bytes.fromhex("0084000004"))
    keys[PURCHASE] = card
    command("8432010c", PURCHASE, (9).to_bytes(4, "big") + (3).to_bytes(4, "big"))
    left = chip.apdu(bytes.fromhex("00b2010c04"))
    assert int.from_bytes(left, "big") == amount + 16


def main():
    cases = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    rng = random.Random(seed)
    chip = Element(sys.argv[1])
    for i in range(cases):
        for kind in (TDES, AES, SM4):
            try:
                case(chip, kind, rng)
            except AssertionError as problem:
                sys.exit(f"case {i} of seed {seed}, suite {kind}: {problem}")
    print(f"{cases} cases in each of 3 suites agree (seed {seed})")


main()
