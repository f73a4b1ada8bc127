"""libgridtill-codec as others get it: configured alone, built, installed into an empty folder, and
used from there by a compiler that sees nothing else of this tree.

installed.py               builds and installs it first (at -Os)
installed.py ROOT PREFIX   takes what is installed: ROOT is the folder, PREFIX the path in it; how
                           large it is depends on how it was built and is printed only
"""
import glob
import os
import re
import subprocess
import sys
import tempfile

TREE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TEXT_MAX = 256 * 1024
NODE = "GRIDTILL_CODEC_0"
CC = os.environ.get("LIBRARY_CC", "cc").split()
CXX = os.environ.get("LIBRARY_CXX", "clang++").split()
STRICT = ["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]
STRICT_CXX = ["-std=c++17", *STRICT[1:]]


class Failure(Exception):
    pass


def run(*command, env=None):
    done = subprocess.run(command, capture_output=True, text=True, check=False,
                          env={**os.environ, **(env or {})})
    if done.returncode != 0:
        raise Failure(f"{' '.join(command)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def check(condition, text):
    if not condition:
        raise Failure(text)


def install(folder):
    build = os.path.join(folder, "build")
    run("meson", "setup", build, TREE, "-Dcodec_only=true", "-Dbuildtype=plain",
        "-Doptimization=s", "--prefix=/opt/gridtill", env={"CC": " ".join(CC)})
    run("ninja", "-C", build)
    root = os.path.join(folder, "root")
    run("meson", "install", "-C", build, "--no-rebuild", "--destdir", root)
    return root, "/opt/gridtill"


class Installed:
    def __init__(self, root, prefix):
        self.root = root
        self.top = root + prefix
        pc = glob.glob(f"{self.top}/lib*/**/gridtill-codec.pc", recursive=True)
        check(len(pc) == 1, f"one gridtill-codec.pc: {pc}")
        self.env = {"PKG_CONFIG_PATH": os.path.dirname(pc[0]), "PKG_CONFIG_LIBDIR": "",
                    "PKG_CONFIG_SYSROOT_DIR": root, "PKG_CONFIG_ALLOW_SYSTEM_CFLAGS": "1",
                    "PKG_CONFIG_ALLOW_SYSTEM_LIBS": "1"}
        self.lib = os.path.dirname(os.path.dirname(pc[0]))
        self.shared = os.path.join(self.lib, "libgridtill-codec.so")
        self.archive = os.path.join(self.lib, "libgridtill-codec.a")

    def pkg_config(self, *arguments):
        return run("pkg-config", *arguments, "gridtill-codec", env=self.env).split()


def examples(it, folder):
    """Each example, linked both ways, says the same."""
    want = "123456.78 kWh"
    for source in glob.glob(f"{TREE}/examples/*.c"):
        name = os.path.join(folder, os.path.basename(source)[:-2])
        run(*CC, *STRICT, source, *it.pkg_config("--cflags", "--libs"), "-o", name + "-shared")
        run(*CC, *STRICT, source, *it.pkg_config("--cflags"), it.archive, "-o", name + "-static")
        said = run(name + "-shared", env={"LD_LIBRARY_PATH": it.lib})
        check(want in said and "4 bytes of a frame wait" in said, f"{source} says {said}")
        check(run(name + "-static") == said, f"{source}: linked static it says something else")
        needed = run("readelf", "-d", name + "-shared")
        check("[libgridtill-codec.so.0]" in needed, f"{source} needs no soname 0: {needed}")
        check("gridtill" not in run("readelf", "-d", name + "-static"), f"{source} not static")
        run(*CXX, *STRICT_CXX, "-std=c++20", "-Wno-missing-field-initializers",
            "-x", "c++", source, "-x", "none", *it.pkg_config("--cflags", "--libs"),
            "-o", name + "-c++")
        check(run(name + "-c++", env={"LD_LIBRARY_PATH": it.lib}) == said,
              f"{source}: as C++ it says something else")


def symbols(it):
    """What the headers declare, and no more, is there, all of one version."""
    want = set(run(sys.executable, f"{TREE}/tools/codec_library.py", "list").split())
    shown = {}
    for line in run("nm", "-D", "--defined-only", it.shared).splitlines():
        name, _, version = line.split()[-1].partition("@@")
        shown[name] = version
    shown.pop(NODE, None)
    check(set(shown) == want, f"missing: {sorted(want - set(shown))}, "
                              f"too many: {sorted(set(shown) - want)}")
    check(set(shown.values()) == {NODE}, f"versions {set(shown.values())}")
    check("SONAME" in run("readelf", "-d", it.shared), "no soname")
    archive = {l.split()[-1] for l in run("nm", "-g", "--defined-only", it.archive).splitlines()
               if len(l.split()) == 3}
    check(want <= archive, f"not in the archive: {sorted(want - archive)}")
    undefined = {l.split()[-1].split("@")[0] for l in run("nm", "-D", "-u", it.shared).splitlines()}
    forbidden = undefined & {"malloc", "calloc", "realloc", "free", "time", "open", "read", "write"}
    check(not forbidden, f"the library allocates or does I/O: {forbidden}")
    return len(want)


def headers(it, folder):
    """Each header compiles alone, as C and as C++."""
    top = os.path.join(it.top, "include/gridtill")
    found = glob.glob(f"{top}/**/*.h", recursive=True)
    check(len(found) > 20, f"only {len(found)} headers")
    for header in found:
        check(not header.endswith("_priv.h"), f"{header} is private")
        source = os.path.join(folder, "alone.c")
        with open(source, "w", encoding="utf-8") as f:
            f.write(f'#include "{os.path.relpath(header, top)}"\nint main(void) {{ return 0; }}\n')
        run(*CC, *STRICT, "-fsyntax-only", source, *it.pkg_config("--cflags"))
        run(*CXX, *STRICT_CXX, "-x", "c++", "-fsyntax-only", source, *it.pkg_config("--cflags"))
    return len(found)


def size(it, bounded):
    """@return {section: bytes}"""
    sections = {}
    for line in run("size", "-A", it.shared).splitlines():
        row = re.match(r"(\.\S+)\s+(\d+)", line)
        if row:
            sections[row.group(1)] = int(row.group(2))
    check(not bounded or sections[".text"] <= TEXT_MAX, f"text of {sections['.text']} bytes, at most {TEXT_MAX}")
    return sections


def main():
    with tempfile.TemporaryDirectory() as folder:
        it = Installed(*(sys.argv[1:3] if len(sys.argv) == 3 else install(folder)))
        examples(it, folder)
        count = symbols(it)
        header_count = headers(it, folder)
        sections = size(it, bounded=len(sys.argv) == 1)
        print(f"library: {count} symbols, {header_count} headers, text {sections['.text']} "
              f"bytes, read-only data {sections['.rodata']}, "
              f"tables {sections.get('.data.rel.ro', 0)}, "
              f"relocations {sections.get('.rela.dyn', 0) + sections.get('.relr.dyn', 0)}")


try:
    main()
except Failure as failure:
    print(f"library: {failure}")
    sys.exit(1)
