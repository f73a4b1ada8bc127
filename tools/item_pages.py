"""Writes docs/protocols/items/*.md from the .def rows of the codecs, so that the reference of what is
covered is what the code covers. One page a codec, one table a .def file.

A .def file opens with a comment that names the columns of its rows, as MACRO(column, column, ...);
a file without such a line uses the columns that another file of its folder names for the macro.

    item_pages.py           writes the pages
    item_pages.py --check   exit 1 when one is not what it would write
"""
import glob
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PAGES = os.path.join(ROOT, "docs/protocols/items")
TITLES = {"dlt645": "DL/T 645", "cjt188": "CJ/T 188-2004", "mbus": "M-Bus, EN 13757",
          "modbus": "Modbus", "gdw1376": "Q/GDW 1376.1", "gdw1376_2": "Q/GDW 1376.2",
          "dlt698": "DL/T 698.45", "dtu": "DTU framing"}
# Columns of this kind stand behind the names, in this order; every other stands before them.
BEHIND = ["unit", "decimals", "format", "access", "clause", "confidence"]


class Failure(Exception):
    pass


def split(arguments):
    """'a, "b, c", 3' -> ['a', '"b, c"', '3']"""
    return [part.strip() for part in
            re.findall(r'(?:"(?:[^"\\]|\\.)*"|\([^()]*\)|[^,"()])+|(?<=,)(?=,)', arguments)]


def plain(argument):
    texts = re.findall(r'"((?:[^"\\]|\\.)*)"', argument)
    text = "".join(texts) if texts else argument
    return text.replace('\\"', '"').replace("|", "\\|")


class Table:
    def __init__(self, path):
        self.path = os.path.relpath(path, ROOT)
        with open(path, encoding="utf-8") as f:
            text = f.read()
        opening = re.match(r"\s*/\*(.*?)\*/", text, re.S)
        if not opening:
            raise Failure(f"{self.path}: does not open with a comment")
        self.words = " ".join(line.strip().lstrip("*").strip()
                              for line in opening.group(1).split("\n")).strip()
        body = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
        self.rows = [(m.group(1), split(m.group(2))) for m in re.finditer(
            r'^\s*([A-Z][A-Z0-9_]*)\(((?:"(?:[^"\\]|\\.)*"|\([^()]*\)|[^"()])*)\)', body, re.M)]
        self.columns = {}
        for macro in {macro for macro, _ in self.rows}:
            signature = re.search(r"\b" + macro + r"\(([^()]*)\)", self.words)
            if signature:
                self.columns[macro] = [name.strip() for name in signature.group(1).split(",")]
        self.group()
        self.macros = list(dict.fromkeys(macro for macro, _ in self.rows))
        for line in body.split("\n"):
            if line.strip() and not re.match(r'\s*([A-Z][A-Z0-9_]*\(|["#})\w])', line):
                raise Failure(f"{self.path}: a line that is no row: {line.strip()}")

    def group(self):
        """A row of one argument between longer ones heads those behind it: their first column."""
        heads = {macro for macro, row in self.rows if len(row) == 1}
        if not heads or heads >= {macro for macro, _ in self.rows}:
            return
        rows, group = [], ""
        for macro, row in self.rows:
            if macro in heads:
                group = row[0]
            else:
                rows.append((macro, [group, *row]))
        for macro in {macro for macro, _ in rows}:
            if macro in self.columns:
                self.columns[macro] = [min(heads).lower(), *self.columns[macro]]
        self.rows = rows

    def order(self, macro):
        """Indices of the columns shown, in the order shown."""
        names = [c.lower() for c in self.columns[macro]]

        def place(index):
            name = names[index].split()[0]
            if name == "chinese":
                return 1
            if name == "english":
                return 2
            return 3 + BEHIND.index(name) if name in BEHIND else 0
        named = "chinese" in names  # then the symbol is the code's own matter
        shown = [i for i, name in enumerate(names) if name != "symbol" or not named]
        return sorted(shown, key=lambda i: (place(i), i))


def page(folder, tables):
    """@return the text, and rows by file"""
    shared = {}
    for table in tables:
        for macro, columns in table.columns.items():
            shared.setdefault(macro, columns)
    title = TITLES.get(folder, folder)
    out = [f"# {title}: items", "",
           "Made by `tools/item_pages.py` from the rows the codec is compiled from; not edited by hand.",
           "An item without a row here is shown with its bytes as they are."]
    counts = {}
    for table in tables:
        if all(len(row) < 2 for _, row in table.rows):
            continue  # a list of symbols names nothing
        counts[table.path] = len(table.rows)
        out += ["", f"## `{table.path}`: {len(table.rows)} rows", "", table.words]
        for macro in table.macros:
            table.columns.setdefault(macro, shared.get(macro, []))
            columns = table.columns[macro]
            if not columns:
                raise Failure(f"{table.path}: no comment names the columns of {macro}")
            order = table.order(macro)
            out += ["", "| " + " | ".join(columns[i] for i in order) + " |",
                    "|" + "---|" * len(order)]
            for row in (row for name, row in table.rows if name == macro):
                if len(row) != len(columns):
                    raise Failure(f"{table.path}: {macro}({', '.join(row)}) has {len(row)} columns, "
                                  f"the comment names {len(columns)}")
                out.append("| " + " | ".join(plain(row[i]) for i in order) + " |")
    return "\n".join(out) + "\n", counts


def pages():
    """{file name: text}"""
    made = {}
    index = ["# Items by protocol", "",
             "Made by `tools/item_pages.py`. Rows of each table; the pages list them all.", "",
             "| page | table | rows |", "|---|---|---|"]
    for folder in sorted(os.listdir(os.path.join(ROOT, "src/codec"))):
        tables = [Table(p) for p in sorted(glob.glob(f"{ROOT}/src/codec/{folder}/*.def"))]
        if not tables:
            continue
        made[f"{folder}.md"], counts = page(folder, tables)
        index += [f"| [{TITLES.get(folder, folder)}]({folder}.md) | `{path}` | {count} |"
                  for path, count in counts.items()]
    made["README.md"] = "\n".join(index) + "\n"
    return made


def main():
    made = pages()
    stale = []
    for name, text in made.items():
        path = os.path.join(PAGES, name)
        old = None
        if os.path.exists(path):
            with open(path, encoding="utf-8") as f:
                old = f.read()
        if old != text:
            stale.append(name)
            if sys.argv[1:] != ["--check"]:
                os.makedirs(PAGES, exist_ok=True)
                with open(path, "w", encoding="utf-8") as f:
                    f.write(text)
    stale += [name for name in os.listdir(PAGES) if name not in made]
    if sys.argv[1:] == ["--check"] and stale:
        raise Failure(f"docs/protocols/items: {', '.join(stale)} not up to date; "
                      "run python3 tools/item_pages.py")


try:
    main()
except Failure as failure:
    sys.exit(f"item pages: {failure}")
