"""gridtill-sim meter: one meter, read and cut by clients that share no line of code with it."""
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

import dlt645
import park

ADDRESS = 202601000257


class Program:
    """One running gridtill-sim meter."""

    def __init__(self, folder, *options):
        self.ready = os.path.join(folder, "ready")
        if os.path.exists(self.ready):
            os.unlink(self.ready)
        self.process = subprocess.Popen(
            [os.path.join(park.programs(), "gridtill-sim"), "meter", *options, "--ready-file",
             self.ready], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        park.wait_until("the meter listens", 20, lambda: os.path.exists(self.ready) or
                        self.process.poll() is not None)
        if self.process.poll() is not None:
            raise park.Failure(f"the meter ended: {self.process.stderr.read()}")
        with open(self.ready, encoding="utf-8") as f:
            self.where = f.read().strip().removeprefix("meter=")

    def tcp(self):
        host, port = self.where.rsplit(":", 1)
        return host, int(port)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.process.send_signal(signal.SIGTERM)
        out, err = self.process.communicate(timeout=20)
        if self.process.returncode != 0 or self.where not in out:
            raise park.Failure(f"ended with {self.process.returncode}: {out}{err}")


def expect(what, got, want):
    if got != want:
        raise park.Failure(f"{what}: {got!r}, expected {want!r}")


def refused(what, call, code):
    try:
        call()
    except dlt645.Refused as e:
        expect(what, e.code.hex(), code)
        return
    raise park.Failure(f"{what}: not refused")


def edition_2007(folder):
    options = ["--protocol", "dlt645-2007", "--listen", "tcp:127.0.0.1:0", "--address",
               str(ADDRESS), "--load", "36", "--balance", "50", "--speed", "60"]
    with Program(folder, *options) as program:
        meter = dlt645.Meter2007(*program.tcp(), ADDRESS)
        expect("address", meter.address_read(), dlt645.digits(ADDRESS, 12))
        first = dlt645.number_of(meter.read(0x00010000), 2)
        park.wait_until("the register turns", 10, lambda: dlt645.number_of(
            meter.read(0x00010000), 2) > first + 0.5)
        energies = meter.read(0x0001FF00)
        parts = [dlt645.number_of(energies[i:i + 4], 2) for i in range(0, len(energies), 4)]
        expect("total is the sum of the rates", round(sum(parts[1:]), 2), parts[0])
        left = dlt645.number_of(meter.read(0x00900200), 2)
        if not 0 < left < 50:
            raise park.Failure(f"{left} yuan are left of 50")
        power = dlt645.number_of(meter.read(0x02030000), 4, signed=True)
        if not 25 < power < 45:
            raise park.Failure(f"{power} kW of 36")
        expect("holidays", len(meter.read(0x040300FF)), 254 * 4)
        meter.write(0x04001001, dlt645.digits(3000, 8))
        expect("alarm 1", meter.read(0x04001001), dlt645.digits(3000, 8))
        refused("wrong password", lambda: meter.write(0x04001001, dlt645.digits(1, 8),
                                                      password=123456), "04")
        refused("no such identifier", lambda: meter.read(0x88000000), "02")
        meter.control(0x1A, "000000010199")
        park.wait_until("the relay is open", 10,
                        lambda: meter.read(0x04000503)[0] & 0x10 != 0)
        park.wait_until("no power flows", 10, lambda: meter.read(0x02030000) == bytes(3))
        refused("an order of yesterday", lambda: meter.control(0x1C, "000000010120"), "01")
        meter.control(0x1C, "000000010199")
        park.wait_until("the relay is closed", 10,
                        lambda: meter.read(0x04000503)[0] & 0x10 == 0)
        meter.close()
        again = dlt645.Meter2007(*program.tcp(), ADDRESS)
        again.read(0x00010000)
        again.close()


def edition_1997(folder):
    options = ["--protocol", "dlt645-1997", "--listen", "tcp:127.0.0.1:0", "--address",
               str(ADDRESS), "--shape", "office", "--speed", "600"]
    with Program(folder, *options) as program:
        meter = dlt645.Meter1997(*program.tcp(), ADDRESS)
        park.wait_until("the register turns", 10,
                        lambda: dlt645.number_of(meter.read(0x9010), 2) > 0)
        family = meter.read(0x901F)
        expect("family", (len(family), family[-1]), (9 * 4 + 1, 0xAA))
        voltage = dlt645.number_of(meter.read(0xB611))
        if not 200 < voltage < 250:
            raise park.Failure(f"{voltage} V")
        meter.write(0xC117, bytes.fromhex("0015"))
        expect("reading day", meter.read(0xC117), bytes.fromhex("0015"))
        refused("no such identifier", lambda: meter.read(0x0000), "02")
        meter.close()


def modbus(folder):
    if shutil.which("mbpoll") is None:
        print("mbpoll is not here: Modbus not tried")
        return
    link = os.path.join(folder, "line")
    options = ["--protocol", "modbus-rtu", "--listen", "pty:" + link, "--address", "17",
               "--load", "5", "--balance", "12.34"]
    with Program(folder, *options) as program:
        expect("where", program.where, link)
        done = subprocess.run(
            ["mbpoll", "-m", "rtu", "-a", "17", "-b", "9600", "-P", "none", "-0", "-r", "0", "-c",
             "48", "-t", "4:hex", "-1", "-o", "2", link], capture_output=True, text=True,
            timeout=30, check=False)
        words = [int(w, 16) for w in re.findall(r"^\[\d+\]:\s+0x([0-9A-Fa-f]{4})$", done.stdout,
                                                re.M)]
        expect("registers that mbpoll reads", len(words), 48)
        balance = words[0x1F] << 16 | words[0x20]
        if not 1200 < balance <= 1234:
            raise park.Failure(f"balance {balance} fen of 1234")
    expect("link is gone", os.path.lexists(link), False)


def wrong_uses(folder):
    tcp = ["--listen", "tcp:127.0.0.1:0"]
    rows = [
        (["--protocol", "dlt645-2007", *tcp], "needed"),
        (["--protocol", "morse", *tcp, "--address", "1"], "--protocol is"),
        (["--protocol", "modbus-rtu", *tcp, "--address", "248"], "1 .. 247"),
        (["--protocol", "modbus-rtu", *tcp, "--address", "0"], "1 .. 247"),
        (["--protocol", "dlt645-2007", *tcp, "--address", "1234567890123"], "twelve digits"),
        (["--protocol", "dlt645-2007", *tcp, "--address", "AAAA"], "twelve digits"),
        (["--protocol", "dlt645-2007", "--listen", "127.0.0.1:0", "--address", "1"], "--listen is"),
        (["--protocol", "dlt645-2007", "--listen", "pty:", "--address", "1"], "--listen is"),
        (["--protocol", "dlt645-2007", "--listen", "tcp::1", "--address", "1"], "--listen is"),
        (["--protocol", "dlt645-2007", *tcp, "--address", "1", "--load", "100"], "--load is"),
        (["--protocol", "dlt645-2007", *tcp, "--address", "1", "--shape", "x"], "--shape is"),
        (["--protocol", "dlt645-2007", *tcp, "--address", "1", "--balance", "-1"], "--balance is"),
        (["--protocol", "dlt645-2007", *tcp, "--address", "1", "--speed", "0"], "--speed is"),
        (["--protocol", "dlt645-2007", *tcp, "--address", "1", "--spede", "1"], "not known"),
    ]
    for options, text in rows:
        done = subprocess.run([os.path.join(park.programs(), "gridtill-sim"), "meter", *options],
                              capture_output=True, text=True, timeout=20, check=False, cwd=folder)
        if done.returncode != 2 or text not in done.stderr:
            raise park.Failure(f"{options}: {done.returncode} {done.stderr}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        for part in (wrong_uses, edition_2007, edition_1997, modbus):
            part(folder)
            print(f"{part.__name__}: as expected")
    return 0


if __name__ == "__main__":
    sys.exit(main())
