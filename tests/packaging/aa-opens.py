#!/usr/bin/env python3
"""aa-opens.py PROFILE <OPENS: which files that a program opened does an AppArmor profile not list?

OPENS has a line for each: what was asked (r, w, m for a mapping that can be executed, as letters),
a blank, the path.  Prints those that no rule of the profile, or of what it includes, allows or
denies.  Knows file rules, includes and variables; takes ownership for granted.
"""
import re
import sys

BASE = "/etc/apparmor.d/"
VARIABLES = {"multiarch": "*-linux-gnu*", "pid": "[0-9]*", "PROC": "/proc/", "HOME": "/home/*/",
    "HOMEDIRS": "/home/", "run": "{/run/,/var/run/}", "sys": "/sys/", "etc_ro": "/{usr/,}etc/",
    "etc_rw": "/{usr/,}etc/", "lib": "/{,usr/}lib{,32,64}/", "tid": "[0-9]*", "uid": "[0-9]*"}


def expression(glob):
    """An AppArmor glob as a regular expression."""
    glob = re.sub(r"@\{(\w+)\}", lambda m: VARIABLES.get(m[1], "@"), glob)
    glob = re.sub("/+", "/", glob)
    out, depth, i = "", 0, 0
    while i < len(glob):
        c = glob[i]
        if glob.startswith("**", i):
            out += ".*"
            i += 1
        elif c == "*":
            out += "[^/]*"
        elif c == "?":
            out += "[^/]"
        elif c == "{":
            out += "(?:"
            depth += 1
        elif c == "}" and depth:
            out += ")"
            depth -= 1
        elif c == "," and depth:
            out += "|"
        elif c == "[":
            end = glob.index("]", i)
            out += glob[i:end + 1]
            i = end
        else:
            out += re.escape(c)
        i += 1
    return re.compile(out + r"\Z")


def rules(path, seen):
    """(regular expression, permissions) of each file rule."""
    if path in seen:
        return
    seen.add(path)
    try:
        lines = open(path, encoding="utf-8").read().splitlines()
    except OSError:
        return
    for line in lines:
        line = line.strip()
        include = re.match(r"#?include\s+(?:if exists\s+)?<([^>]*)>", line)
        if include:
            yield from rules(BASE + include[1], seen)
            continue
        rule = re.match(r"(?:deny\s+)?(?:owner\s+)?(?:file\s+)?([/@]\S*)\s+([a-zA-Z]+),", line)
        if rule:
            yield expression(rule[1]), rule[2]


def main():
    known = list(rules(sys.argv[1], set()))
    missing = set()
    for line in sys.stdin:
        want, _, path = line.rstrip("\n").partition(" ")
        have = "".join(p for e, p in known if e.match(path))
        if not set(want) <= set(have):
            missing.add(line.rstrip("\n"))
    print("\n".join(sorted(missing)), end="\n" if missing else "")


main()
