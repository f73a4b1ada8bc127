"""The operator's command line beside a running station: sell, read, check, and every wrong use."""
import json
import os
import subprocess
import sys

import park


def gridtill(site, *arguments, text=""):
    """@return (exit code, standard output, standard error)"""
    done = subprocess.run([os.path.join(park.programs(), "gridtill"), *arguments], cwd=site.dir,
                          input=text, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


def expect(what, result, code, *texts):
    """Exit code, and texts that must stand somewhere in what it said."""
    got, out, err = result
    if got != code:
        raise park.Failure(f"{what}: exit {got}, expected {code}: {out}{err}")
    for text in texts:
        if text not in out + err:
            raise park.Failure(f"{what}: says {out}{err!r}, expected \"{text}\"")


def wrong_uses(site):
    config = ["--config", "station.ini"]
    expect("no command", gridtill(site), 2, "usage")
    expect("unknown command", gridtill(site, "vend"), 2, "no command \"vend\"")
    expect("help", gridtill(site, "help"), 0, "check-ledger")
    expect("no amount", gridtill(site, "sell", *config, "--meter", "440100000001"), 2, "--amount")
    for amount in ("1.234", "NaN", "1e3", ""):
        expect(f"amount {amount}", gridtill(site, "sell", *config, "--meter", "440100000001",
                                            "--amount", amount), 2, "yuan")
    for amount in ("0", "-5", "100000.01"):
        expect(f"amount {amount}", gridtill(site, "sell", *config, "--meter", "440100000001",
                                            "--amount", amount), 1, "no money was taken")
    expect("no such meter", gridtill(site, "sell", *config, "--meter", "999999999999", "--amount",
                                     "5"), 1, "999999999999")
    expect("no such room", gridtill(site, "read", *config, "--room", "a/b/c"), 1, "a/b/c")
    expect("no such option", gridtill(site, "read", *config, "--roof", "x"), 2, "usage")
    expect("no such file", gridtill(site, "serve", "--config", "absent.ini"), 1, "absent.ini")
    with open(os.path.join(site.dir, "station.ini"), encoding="utf-8") as f:
        empty = f.read().replace("dir = station", "dir = nothing-here")
    with open(os.path.join(site.dir, "empty.ini"), "w", encoding="utf-8") as f:
        f.write(empty)
    expect("no database", gridtill(site, "check-ledger", "--config", "empty.ini"), 1,
           "nothing-here/till.db is not there")
    expect("usage of decode", gridtill(site, "decode", "--proto", "morse", "00"), 2)


def decodes(site):
    login = "68 32 00 32 00 68 c9 03 44 04 00 00 02 71 00 00 01 00 88 16"
    expect("decode", gridtill(site, "decode", login), 0, "4403-0004", "Login")
    expect("decode in Chinese", gridtill(site, "decode", "--lang", "zh", login), 0, "登录")
    code, out, _ = gridtill(site, "decode", "--json", login)
    frames = json.loads(out)
    if code != 0 or frames[0]["protocol"] != "qgdw1376.1" or frames[0]["errors"]:
        raise park.Failure(f"decode --json: exit {code}: {out}")
    expect("a damaged frame", gridtill(site, "decode", login.replace("88 16", "89 16")), 1,
           "byte offset 18: expected 88H, found 89H")
    log = f"2026-11-21 05:18:59.123 TX:{login}\nno frame here\n"
    expect("a log", gridtill(site, "decode", text=log), 0, "4403-0004")
    with open(os.path.join(site.dir, "line.log"), "w", encoding="utf-8") as f:
        f.write(log)
    expect("a log file", gridtill(site, "decode", "--file", "line.log"), 0, "4403-0004")


def encodes(site):
    answer = ["encode", "--proto", "dlt645-2007", "--address", "123456789012", "control=91H",
              "di=00010000"]
    expect("encode", gridtill(site, *answer, "00010000=123456.78"), 0,
           "6812907856341268910833333433ab896745cc16\n")
    expect("encode of a wrong value", gridtill(site, *answer, "00010000=12kWh"), 1,
           "frame 1: 00010000: expected a number with at most 2 decimals, found 12kWh")
    frame = "68 12 90 78 56 34 12 68 91 08 33 33 34 33 ab 89 67 45 cc 16"
    told = gridtill(site, "decode", "--json", frame)[1]
    expect("decode and encode", gridtill(site, "encode", text=told), 0, frame.replace(" ", ""))
    expect("encode of nothing", gridtill(site, "encode", text=""), 1, "JSON")


def own_items(site):
    """Items of a meter model come from a file, in both directions."""
    with open(os.path.join(site.dir, "own.items"), "w", encoding="utf-8") as f:
        f.write("model tank\nname en Tank\nname zh 水箱\nprotocol cjt188\n"
                "item C120 answer all Level | 液位\nvalue level bcd2 0.01 m Water level | 水位\n")
    frame = "68106655443322111181 05 20c101 3412 9c16"
    own = ["--items", "own.items"]
    expect("own item", gridtill(site, "decode", *own, frame), 0, "Water level", "12.34", "m")
    expect("own item in Chinese", gridtill(site, "decode", *own, "--lang", "zh", frame), 0, "水位")
    expect("own item without its file", gridtill(site, "decode", frame), 0, "3412")
    code, told, _ = gridtill(site, "decode", *own, "--json", frame)
    items = json.loads(told)[0]["items"] if code == 0 else []
    if [(i["id"], i["value"], i["unit"]) for i in items] != [("C120.level", "12.34", "m")]:
        raise park.Failure(f"own item as JSON: exit {code}: {told}")
    expect("own item built", gridtill(site, "encode", *own, text=told), 0, frame.replace(" ", ""))
    expect("own item built without its file", gridtill(site, "encode", text=told), 1, "C120.level")
    with open(os.path.join(site.dir, "own.items"), "a", encoding="utf-8") as f:
        f.write("value v bcd9 1 m A | B\n")
    for command in ("decode", "encode"):
        expect("a wrong line", gridtill(site, command, *own, text=told), 1, "7", "bcd1 .. bcd8",
               "found bcd9")
        expect("no such items", gridtill(site, command, "--items", "absent", text=told), 1, "absent")
    expect("usage of encode", gridtill(site, "encode", "a=b"), 2, "usage")


def wrong_configurations(site):
    with open(os.path.join(site.dir, "station.ini"), encoding="utf-8") as f:
        good = f.read()
    line = good[:good.index("[http]")].count("\n") + 2
    bad = good.replace("[http]\n", "[http]\nport = 80\n")
    with open(os.path.join(site.dir, "bad.ini"), "w", encoding="utf-8") as f:
        f.write(bad)
    expect("unknown key", gridtill(site, "check-config", "bad.ini"), 1,
           f"bad.ini:{line}: [http] port: unknown")
    expect("good configuration", gridtill(site, "check-config", "station.ini"), 0, "257 meters")
    with open(os.path.join(site.dir, "bad.ini"), "w", encoding="utf-8") as f:
        f.write(good.replace("dir = station", "dir = station\npostgres = host=/nowhere dbname=x"))
    expect("two places for the money", gridtill(site, "check-config", "bad.ini"), 1,
           "[store] dir: expected dir or postgres, not both")
    with open(os.path.join(site.dir, "bad.ini"), "w", encoding="utf-8") as f:
        f.write(good.replace("dir = station", "postgres = host=/nowhere dbname=x"))
    expect("no such server", gridtill(site, "check-ledger", "--config", "bad.ini"), 1,
           "PostgreSQL schema gridtill_till", "/nowhere")
    with open(os.path.join(site.dir, "shop.template"), "w", encoding="utf-8") as f:
        f.write("title {station}\nrow price {price}\n")
    with open(os.path.join(site.dir, "bad.ini"), "w", encoding="utf-8") as f:
        f.write(good + "\n[receipt]\ntemplate = shop.template\n")
    expect("a wrong template", gridtill(site, "check-config", "bad.ini"), 1,
           "shop.template:2: expected label | value")
    with open(os.path.join(site.dir, "meters.csv"), encoding="utf-8") as f:
        rows = f.read().split("\n")
    rows[3] = rows[2]
    with open(os.path.join(site.dir, "twice.csv"), "w", encoding="utf-8") as f:
        f.write("\n".join(rows))
    with open(os.path.join(site.dir, "bad.ini"), "w", encoding="utf-8") as f:
        f.write(good.replace("meters.csv", "twice.csv"))
    expect("a meter twice", gridtill(site, "check-config", "bad.ini"), 1, "twice.csv:4: meter_no")


def operators(site):
    def operator(action, *options, text=""):
        return gridtill(site, "operator", action, "--config", "station.ini", *options, text=text)

    ann = ["--name", "ann"]
    password = park.PASSWORD + "\n"
    expect("an operator", operator("add", *ann, "--role", "cashier", text=password), 0)
    expect("again", operator("add", *ann, "--role", "cashier", text=password), 1,
           "there is an operator of that name")
    expect("a short password", operator("password", *ann, text="short\n"), 1, "10 to 128")
    expect("no password", operator("password", *ann), 1, "no password")
    expect("list", operator("list"), 0, "ann", "cashier", "admin", "administrator")
    expect("the last administrator", operator("disable", "--name", "admin"), 1, "nobody would be left")
    for wrong in (["add", *ann], ["add", *ann, "--role", "king"], ["fire", *ann], ["list", *ann],
                  ["disable"], ["disable", *ann, "--role", "cashier"]):
        expect(" ".join(wrong), operator(*wrong, text=password), 2, "usage")
    session = park.Api(site.http_port)
    session.log_in("ann")
    session.rooms()
    expect("kept out", operator("disable", *ann), 0)
    if session.call("GET", "/api/rooms")[0] != 401:
        raise park.Failure("a disabled operator's session goes on")
    expect("let in", operator("enable", *ann), 0)
    session.log_in("ann")


def sell_and_read(site, room):
    config = ["--config", "station.ini"]
    path = f"{room['building']}/{room['floor']}/{room['name']}"
    sale = ["sell", *config, "--room", path, "--amount", "60.00", "--key", "cli-test-sale"]
    expect("sale", gridtill(site, *sale), 0, "receipt", "in the meter", "relay closed", "confirmed")
    expect("the same sale again", gridtill(site, *sale), 0, "confirmed")
    if site.meter(room["meter_no"])["purchase_count"] != 1:
        raise park.Failure("one key sold twice")
    paper = os.path.join(site.dir, "receipt")
    order = "1"  # this site's first sale
    receipt = ["receipt", *config, "--order", order, "--out"]
    expect("receipt", gridtill(site, *receipt, paper), 0)
    with open(paper, "rb") as f:
        if f.read(5) != b"%PDF-":
            raise park.Failure("the receipt is no PDF")
    expect("its copy", gridtill(site, *receipt, paper, "--form", "escpos"), 0)
    with open(paper, "rb") as f:
        if "副本 COPY 1".encode("gb18030") not in f.read():
            raise park.Failure("a second print is not marked as a copy")
    expect("of no order", gridtill(site, *config, "receipt"), 2)
    expect("of another order", gridtill(site, "receipt", *config, "--order", "999", "--out", paper), 1,
           "order 999")
    expect("to nowhere", gridtill(site, *receipt, "no/such/folder"), 1, "no/such/folder")
    other = [*sale[:-3], "61.00", *sale[-2:]]
    expect("the key for another sale", gridtill(site, *other), 1, "belongs to another sale")
    expect("read", gridtill(site, "read", *config, "--meter", room["meter_no"]), 0, "balance",
           "purchase_count", "voltage_a")


def damages(lines):
    """Every way to take one line out or to change one word of it: (what, lines)."""
    outside = {("order", "meter"), ("order", "count")}  # master data, not money: no hash has them
    for i, line in enumerate(lines):
        yield f"line {i + 1} lost", lines[:i] + lines[i + 1:]
        row = json.loads(line)
        for key, value in row.items():
            if row["type"] == "gridtill-ledger" or (row["type"], key) in outside:
                continue
            if isinstance(value, int):
                value += 1
            else:
                value = value[:-1] + ("0" if value[-1] != "0" else "1")
            yield (f"line {i + 1} {key}",
                   lines[:i] + [json.dumps({**row, key: value})] + lines[i + 1:])


def no_exports(lines):
    """Texts that no export is: (what, text)."""
    whole = "".join(line + "\n" for line in lines)
    yield from (("nothing", ""), ("a word", "ledger\n"), ("no object", "[]\n"), ("a number", "1\n"),
                ("bytes beyond UTF-8", "\udcff\udcfe" + whole), ("two exports", whole * 2))
    for i, line in enumerate(lines):
        row = json.loads(line)
        for number, key in enumerate(sorted(row.keys() - {"at"})):
            value = (None, 1.5, True, [], {}, "\ud800")[(i + number) % 6]
            changed = json.dumps({**row, key: value})
            yield (f"line {i + 1} {key} {value!r}",
                   "".join(l + "\n" for l in lines[:i] + [changed] + lines[i + 1:]))


def audit(site):
    """What somebody else's program says of the ledger, whole and with one thing changed."""
    path = os.path.join(site.dir, "ledger.jsonl")
    export = ["export-ledger", "--config", "station.ini", "--out"]
    expect("export to nowhere", gridtill(site, *export, "no/such/folder"), 1, "no/such/folder")
    expect("export", gridtill(site, *export, path), 0)
    site.verify(path)
    with open(path, encoding="utf-8") as f:
        lines = f.read().splitlines()
    tried = 0
    for what, damaged in damages(lines):
        with open(path, "w", encoding="utf-8") as f:
            f.write("".join(line + "\n" for line in damaged))
        try:
            site.verify(path)
        except park.Failure:
            tried += 1
            continue
        raise park.Failure(f"verify-ledger did not find: {what}")
    for what, damaged in no_exports(lines):
        with open(path, "w", encoding="utf-8", errors="surrogateescape") as f:
            f.write(damaged)
        try:
            site.verify(path)
        except park.Failure as said:
            if "Traceback" in str(said):
                raise park.Failure(f"verify-ledger falls over {what}: {said}") from None
            continue
        raise park.Failure(f"verify-ledger did not find: {what}")
    return tried


def main():
    with park.Park() as site:
        site.start_all()
        api = site.operator()
        rooms = park.wait_until("every meter to be read", 120, api.all_read, 0.5)
        wrong_uses(site)
        decodes(site)
        encodes(site)
        own_items(site)
        wrong_configurations(site)
        operators(site)
        sell_and_read(site, next(r for r in rooms if r["state"] == "in_debt"))
        site.control("dead:" + rooms[0]["meter_no"])
        expect("a dead meter", gridtill(site, "read", "--config", "station.ini", "--meter",
                                        rooms[0]["meter_no"], "--wait", "20"), 1, "not read")
        site.stop()
        expect("ledger", gridtill(site, "check-ledger", "--config", "station.ini"), 0,
               "ledger=balanced", "60.00")
        print(f"cli: {audit(site)} damages to the ledger, all found")
        print("cli: ok")


try:
    main()
except park.Failure as failure:
    print(f"cli: {failure}")
    sys.exit(1)
