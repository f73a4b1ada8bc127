"""Runs test programs with a real PostgreSQL server, named in GRIDTILL_TEST_POSTGRES.

usage: postgres.py PROGRAM ...

The server lives in a temporary folder, listens on a socket there and nowhere else, and is stopped
by its process id. It does not sync, because nothing here cuts its power. It refuses to run as root: then it runs as the user that owns the package.
"""
import glob
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time

START_S = 30


def bin_folder():
    folders = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
    if not folders:
        sys.exit("postgres.py: no PostgreSQL server is installed; run ./dev setup")
    return folders[-1]


def server_user():
    """Who runs the server: (name, uid, gid), None for whoever runs this."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    return None


class Postgres:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="gt-pg-")
        self.data = os.path.join(self.folder, "data")
        self.user = server_user()
        self.process = None
        if self.user:
            os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
        os.chmod(self.folder, 0o755)

    def spawn(self, *command, **options):
        if self.user:
            options |= {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}
        return subprocess.Popen(command, cwd=self.folder, stdin=subprocess.DEVNULL, **options)

    def __enter__(self):
        tools = bin_folder()
        initdb = self.spawn(os.path.join(tools, "initdb"), "-D", self.data, "-U", "gridtill",
                            "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C",
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        said = initdb.communicate()[0]
        if initdb.returncode != 0:
            sys.exit("postgres.py: initdb failed: " + said.decode(errors="replace"))
        self.log = open(os.path.join(self.folder, "log"), "wb")
        self.process = self.spawn(os.path.join(tools, "postgres"), "-D", self.data, "-k", self.folder,
                                  "-c", "listen_addresses=", "-c", "fsync=off",
                                  stdout=self.log, stderr=self.log)
        end = time.monotonic() + START_S
        while not self.answers(tools):
            if time.monotonic() > end or self.process.poll() is not None:
                sys.exit("postgres.py: the server did not start: " + self.words())
            time.sleep(0.05)
        return self

    def answers(self, tools):
        return subprocess.run([os.path.join(tools, "pg_isready"), "-q", "-h", self.folder]).returncode == 0

    def words(self):
        with open(os.path.join(self.folder, "log"), errors="replace") as log:
            return log.read()[-2000:]

    def name(self):
        return f"host={self.folder} user=gridtill dbname=postgres"

    def __exit__(self, *what):
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)  # fast shutdown
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)
                self.process.wait()
            self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def main():
    if len(sys.argv) < 2:
        print(__doc__.split("\n\n")[1], file=sys.stderr)
        return 2
    failed = 0
    with Postgres() as server:
        for program in sys.argv[1:]:
            env = {**os.environ, "GRIDTILL_TEST_POSTGRES": server.name()}
            start = time.monotonic()
            command = [sys.executable, program] if program.endswith(".py") else [program]
            code = subprocess.run(command, env=env).returncode
            print(f"postgres: {os.path.basename(program)} ended with {code} after"
                  f" {time.monotonic() - start:.1f} s", flush=True)
            failed += code != 0
        if failed:
            print("postgres: the server said: " + server.words())
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
