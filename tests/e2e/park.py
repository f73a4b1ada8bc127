"""A whole park for tests: writes a site folder, starts the real programs, talks to them as a user.

Python's standard library only. Every process is started here and stopped here by its pid; all ports
are on loopback and below 20000.
"""
import http.client
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PORTS_NEEDED = 17
PASSWORD = "a long pass phrase for tests"


class Failure(Exception):
    """Something did not happen; the text says what."""


def programs():
    """Folder of the programs: of the build, or GRIDTILL_PROGRAMS (an unpacked package)."""
    if "GRIDTILL_PROGRAMS" in os.environ:
        return os.environ["GRIDTILL_PROGRAMS"]
    return os.path.join(ROOT, os.environ.get("GRIDTILL_BUILD", "build"), "src", "prog")


def free_base_port():
    """First of PORTS_NEEDED free neighbouring ports."""
    rng = random.SystemRandom()
    for _ in range(200):
        base = rng.randrange(10100, 19900 - PORTS_NEEDED, PORTS_NEEDED)
        taken = []
        try:
            for port in range(base, base + PORTS_NEEDED):
                s = socket.socket()
                taken.append(s)
                s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                s.bind(("127.0.0.1", port))
            return base
        except OSError:
            continue
        finally:
            for s in taken:
                s.close()
    raise Failure("no free ports below 20000")


def wait_until(what, seconds, condition, step=0.05):
    """Poll until condition() gives something true; that is returned."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failure(f"waited {seconds} s in vain: {what}")
        time.sleep(step)


class Api:
    """A logged-in operator."""

    def __init__(self, port):
        self.port = port
        self.cookie = None
        self.csrf = None

    def call(self, method, path, body=None, timeout=30):
        """@return (status, decoded JSON)"""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        headers = {}
        if body is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(body)
        if self.cookie:
            headers["Cookie"] = self.cookie
        if self.csrf:
            headers["X-CSRF-Token"] = self.csrf
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            cookie = answer.getheader("Set-Cookie")
            if cookie:
                self.cookie = cookie.split(";")[0]
            return answer.status, json.loads(text) if text else None
        finally:
            connection.close()

    def must(self, method, path, body=None):
        """Call; anything but 2xx is a failure."""
        status, value = self.call(method, path, body)
        if not 200 <= status < 300:
            raise Failure(f"{method} {path}: {status} {value}")
        return value

    def log_in(self, name="admin"):
        """Start a session with the password the set-up chose."""
        self.csrf = self.must("POST", "/api/login", {"name": name, "password": PASSWORD})["csrf"]

    def set_up(self, token, name="admin"):
        """Use the one-time link."""
        body = {"token": token, "name": name, "password": PASSWORD}
        self.csrf = self.must("POST", "/api/setup", body)["csrf"]

    def rooms(self):
        """Every tile of the board."""
        return self.must("GET", "/api/rooms")["rooms"]

    def all_read(self):
        """Every tile, once every meter has been read; None before."""
        rooms = self.rooms()
        return rooms if all(r["taken_ms"] for r in rooms) else None

    def sell(self, room_id, amount, key):
        """@return (status, answer)"""
        return self.call("POST", "/api/sales", {"room_id": room_id, "amount": amount, "key": key})

    def order(self, order_id):
        """An order with its timeline."""
        return self.must("GET", f"/api/orders/{order_id}")["order"]


def step_times(order):
    """{step: ms since the order was made}, first occurrence of each."""
    steps = {}
    for event in order["timeline"]:
        steps.setdefault(event["step"], event["since_ms"])
    return steps


class Park:
    """The processes of one site."""

    def __init__(self, network="ethernet", seed=1, extra_sim=(), folder=None):
        self.network = network
        self.extra_sim = list(extra_sim)
        self.temp = None if folder else tempfile.TemporaryDirectory(prefix="gridtill-")
        self.dir = folder or self.temp.name
        self.base = free_base_port()
        self.processes = {}
        self.set_up_token = None
        self.run("gridtill-sim", "park", "--write-site", self.dir, "--base-port", str(self.base),
                 "--seed", str(seed))
        if "GRIDTILL_TEST_POSTGRES" in os.environ:
            self.use_postgres(os.environ["GRIDTILL_TEST_POSTGRES"])

    def use_postgres(self, server):
        """A database of this site's own in place of the folder of SQLite files."""
        database = f"park{self.base}_{os.getpid()}"
        subprocess.run(["psql", "-q", "-d", server, "-c", f"CREATE DATABASE {database}"], check=True)
        path = os.path.join(self.dir, "station.ini")
        with open(path, encoding="utf-8") as f:
            text = f.read().replace("dir = station", f"postgres = {server} dbname={database}")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)

    @property
    def http_port(self):
        return self.base + 15

    @property
    def control_port(self):
        return self.base + 16

    def run(self, program, *arguments):
        """Run to its end; a failure shows what it said."""
        done = subprocess.run([os.path.join(programs(), program), *arguments], cwd=self.dir,
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Failure(f"{program} {arguments}: exit {done.returncode}: {done.stderr}")
        return done.stdout

    def start(self, name):
        """Start one of sim, box1, box2, station and wait until it serves."""
        ready = os.path.join(self.dir, f"{name}.ready")
        if os.path.exists(ready):
            os.unlink(ready)
        command = {
            "sim": ["gridtill-sim", "park", "--site", ".", "--network", self.network,
                    *self.extra_sim],
            "box1": ["gridtill-concentrator", "--config", "box1.ini"],
            "box2": ["gridtill-concentrator", "--config", "box2.ini"],
            "station": ["gridtill", "serve", "--config", "station.ini"],
        }[name] + ["--ready-file", ready]
        command[0] = os.path.join(programs(), command[0])
        with open(os.path.join(self.dir, f"{name}.log"), "a", encoding="utf-8") as log, \
                open(os.path.join(self.dir, f"{name}.out"), "a", encoding="utf-8") as out:
            process = subprocess.Popen(command, cwd=self.dir, stdout=out, stderr=log)
        self.processes[name] = process

        def serving():
            if process.poll() is not None:
                raise Failure(f"{name} ended with {process.returncode}: {self.log_tail(name)}")
            return os.path.exists(ready)

        started = time.monotonic()
        wait_until(f"{name} to serve", 30, serving, 0.005)
        return time.monotonic() - started

    def log_tail(self, name, lines=8):
        """The last lines a program logged."""
        with open(os.path.join(self.dir, f"{name}.log"), encoding="utf-8", errors="replace") as f:
            return "".join(f.readlines()[-lines:])

    def start_all(self):
        """The station first: its set-up link is printed once."""
        seconds = self.start("station")
        for name in ("sim", "box1", "box2"):
            self.start(name)
        return seconds

    def setup_token(self):
        """From the link that the station printed at its first start."""
        def find():
            with open(os.path.join(self.dir, "station.out"), encoding="utf-8") as out:
                return re.search(r"[#?&/]setup(?:\?token=|=|/)([0-9a-f]{32,})", out.read())
        return wait_until("the set-up link", 10, find).group(1)

    def operator(self):
        """An API session of the administrator, set up at first use."""
        api = Api(self.http_port)
        if self.set_up_token is None:
            self.set_up_token = self.setup_token()
            api.set_up(self.set_up_token)
        else:
            api.log_in()
        return api

    def kill(self, name, how=signal.SIGKILL):
        """End a process at once and wait for it."""
        process = self.processes.pop(name)
        process.send_signal(how)
        process.wait()

    def control(self, line):
        """One command to the simulator; @return its answer"""
        with socket.create_connection(("127.0.0.1", self.control_port), timeout=10) as s:
            s.sendall(line.encode() + b"\n")
            return s.makefile(encoding="utf-8").readline().strip()

    def meter(self, meter_no):
        """What the simulated meter itself holds."""
        return json.loads(self.control(f"show:{meter_no}"))

    def rss_kib(self, name):
        """Resident memory of a process."""
        with open(f"/proc/{self.processes[name].pid}/status", encoding="utf-8") as f:
            return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1))

    def ledger(self):
        """`gridtill check-ledger`: its text; a broken ledger is a failure."""
        return self.run("gridtill", "check-ledger", "--config", "station.ini")

    def verify(self, path):
        """tools/verify-ledger over an export; a broken ledger is a failure."""
        tool = os.path.join(ROOT, "tools", "verify-ledger")
        done = subprocess.run([sys.executable, tool, path], cwd=self.dir, capture_output=True,
                              text=True, check=False)
        if done.returncode != 0 or "ledger=balanced" not in done.stdout:
            raise Failure(f"verify-ledger: exit {done.returncode}: {done.stdout}{done.stderr}")

    def stop_one(self, name):
        """End a process gently; it must end well and in time."""
        process = self.processes.pop(name)
        process.send_signal(signal.SIGTERM)
        try:
            code = process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise Failure(f"{name} did not end on SIGTERM") from None
        if code != 0:
            raise Failure(f"{name} ended with {code}: {self.log_tail(name)}")

    def stop(self):
        """Stop what runs, gently."""
        for name in list(self.processes):
            self.stop_one(name)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            for name in ("station", "sim", "box1", "box2"):
                path = os.path.join(self.dir, f"{name}.log")
                if os.path.exists(path):
                    print(f"-- {name} said last:\n{self.log_tail(name, 12)}", flush=True)
        try:
            self.stop()
        except Failure:
            for process in self.processes.values():
                process.kill()
                process.wait()
            if kind is None:
                raise
        finally:
            if self.temp:
                self.temp.cleanup()
