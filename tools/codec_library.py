"""What libgridtill-codec shows to others: its headers, and the symbols they declare.

The public headers are all of src/codec but those named _priv.h, and what they include from src/
(base headers, .def rows). A symbol is public when one of them declares it outside any function.

    codec_library.py symbols OUT DEPFILE   a linker version script
    codec_library.py install               writes the headers, for C++ too (called by `meson install`)
    codec_library.py list                  the symbols, one a line
"""
import glob
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SRC = os.path.join(ROOT, "src")
NODE = "GRIDTILL_CODEC_0"


def included(path):
    with open(os.path.join(SRC, path), encoding="utf-8") as f:
        return re.findall(r'^\s*#\s*include\s+"([^"]+)"', f.read(), re.M)


def public_headers():
    """@return paths under src/, sorted"""
    found = set()
    left = [os.path.relpath(p, SRC) for p in glob.glob(os.path.join(SRC, "codec/*/*.h"))
            if not p.endswith("_priv.h")]
    while left:
        path = left.pop()
        if path not in found:
            found.add(path)
            left += included(path)
    return sorted(found)


def declarations(text):
    """Top-level statements of a header, without comments, preprocessor lines and bodies."""
    text = re.sub(r"/\*.*?\*/|//[^\n]*", " ", text, flags=re.S)
    text = re.sub(r"^[ \t]*#(?:[^\n\\]|\\\n|\\.)*$", "", text, flags=re.M)
    depth = 0
    statement = ""
    for char in text:
        if char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
            statement += " {} "
            if depth == 0 and "(" in statement.split("{")[0]:
                statement = ""  # an inline function's body ends without a semicolon
        elif char == ";" and depth == 0:
            yield " ".join(statement.split())
            statement = ""
        elif depth == 0:
            statement += char


def symbols():
    names = set()
    for header in public_headers():
        if not header.endswith(".h"):
            continue
        with open(os.path.join(SRC, header), encoding="utf-8") as f:
            for statement in declarations(f.read()):
                if re.match(r"(typedef|static|struct \w+$|static_assert|_Static_assert)\b",
                            statement) or not statement:
                    continue
                variable = re.match(r"extern .*?(\w+)(\[\w*\])*$", statement)
                function = re.search(r"\b(\w+) ?\((?!\()", re.sub(r"__attribute__ ?\(\(.*?\)\)", "",
                                                                  statement))
                if variable:
                    names.add(variable.group(1))
                elif function:
                    names.add(function.group(1))
    return sorted(names)


def write_script(out, depfile):
    text = NODE + " {\nglobal:\n" + "".join(f"    {s};\n" for s in symbols()) + "local:\n    *;\n};\n"
    with open(out, "w", encoding="utf-8") as f:
        f.write(text)
    folders = {os.path.join(SRC, "codec")} | {os.path.join(SRC, os.path.dirname(h))
                                              for h in public_headers()}
    inputs = [os.path.join(SRC, h) for h in public_headers()] + sorted(folders)
    with open(depfile, "w", encoding="utf-8") as f:
        f.write(f"{out}: " + " ".join(p.replace(" ", "\\ ") for p in inputs) + "\n")


def for_cpp(text):
    """A header whose declarations are C's for a C++ compiler, too: all behind its last #include."""
    begin = max(m.end() for m in re.finditer(r"^#(?:include [<\"].*\.h[>\"]|define GT_\w+_H)\n", text, re.M))
    end = text.rindex("#endif")
    guard = "\n#ifdef __cplusplus\n{}\n#endif\n"
    return (text[:begin] + guard.format('extern "C" {') + text[begin:end].rstrip("\n") + "\n" +
            guard.format("}") + "\n" + text[end:])


def install():
    target = os.path.join(os.environ["MESON_INSTALL_DESTDIR_PREFIX"], "include/gridtill")
    for header in public_headers():
        path = os.path.join(target, header)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(os.path.join(SRC, header), encoding="utf-8") as f:
            text = f.read()
        with open(path, "w", encoding="utf-8") as f:
            f.write(for_cpp(text) if header.endswith(".h") else text)
        os.chmod(path, 0o644)


if sys.argv[1:2] == ["symbols"] and len(sys.argv) == 4:
    write_script(sys.argv[2], sys.argv[3])
elif sys.argv[1:] == ["install"]:
    install()
elif sys.argv[1:] == ["list"]:
    print("\n".join(symbols()))
else:
    sys.exit(__doc__)
