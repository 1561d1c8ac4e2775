"""Random rcfiles and messages for procmail-diff: the whole grammar, and now and then beyond it.

What doc/DIFFERENCES.md lists is not made: programs that do not exist without w, filters that fail
and say nothing, DEFAULT=|program, torn mailboxes, more than LINEBUF. Nor is what differs from one run
to the next: two programs that write to one file at once, input that a program leaves unread.
"""

import re


class Maker:
    """One rcfile with its message, arguments and files; rnd decides everything."""

    def __init__(self, rnd):
        self.rnd = rnd
        self.count = 0
        self.files = {}

    def pick(self, *choices):
        return self.rnd.choice(choices)

    def chance(self, p):
        return self.rnd.random() < p

    def number(self):
        self.count += 1
        return self.count

    # --- words and values -----------------------------------------------------------------------

    NAMES = ["A", "B", "C", "F", "N1", "_x"]

    def name(self):
        return self.rnd.choice(self.NAMES)

    def reference(self):
        n = self.name()
        return self.rnd.choices(
            ["$" + n, "${%s}" % n, "${%s-%s}" % (n, self.plain()), "${%s:-%s}" % (n, self.plain()),
             "${%s+%s}" % (n, self.plain()), "${%s:+%s}" % (n, self.plain()), "$MATCH", "$1", "$2", "$#", "$@",
             '"$@"', "$\\" + n, "$LASTFOLDER", "$?", "$=", "$-", "$_", "${%s:-$%s}" % (n, self.name()),
             '${%s:-"%s"}' % (n, self.plain()), "$", "${%s-`echo in`}" % n, "$LOGNAME", "${MATCH:-none}",
             "${%s:-${%s:+x%sy}}" % (n, self.name(), self.plain()), "${%s+'a b'}" % n, "${%s-a\\}b}" % n, "$%s$%s" % (n, self.name()),
             "${1-%s}" % self.plain(), "${%s}%s" % (n, self.plain().replace(" ", "")), "$3", "$9", "$HOST",
             "${%s:-a" % n if self.chance(.1) else "${%s:=x}" % n, "$\\MATCH", "$UMASK", "$PROCMAIL_VERSION"],
            [8, 5, 2, 3, 2, 3, 4, 2, 1, 1, 1, 1, 2, 1, 1, 1, 1, 1, 2, 1, .5, .5, .5, 1, 1, .5, .5, 1, .5, 1, .3, .3, .2, .3, .3,
             .3, .2])[0]

    def plain(self):
        return self.pick("a", "b1", "word", "x.y", "two words", "", "Lunch", "0", "-n", "a:b", "b=c", "%s", "é")

    def value_part(self):
        r = self.rnd.random()
        if r < .30:
            return self.pick("a", "word", "box", "x.y", "1", "/tmp", "~", "a-b", "=", ":", "a,b", "%", "@", "!")
        if r < .50:
            return self.reference()
        if r < .70:
            return '"%s"' % self.quoted()
        if r < .80:
            return "'%s'" % self.pick("a b", "$A", "\\", '"', "", "a  b", "`x`", "a\\\nb", "a\nb")
        if r < .90:
            return "\\" + self.pick("$", " ", "\\", '"', "'", "`", "x", "\n", "\n ", "#", "t")
        if r < .94:
            return "`%s`" % self.command_text()
        return self.pick("#", "a#b", "{", "}", "(", "|", ";", "*", "[", "?", "<")

    def quoted(self):
        return "".join(
            self.pick("a", " ", "  ", "b", self.reference().replace('"', ""), "\\$", '\\"', "\\\\", "\\x", "\\\n", "'",
                      "\n", "`echo q`", "#", "\t", "}", "\\`", "word")
            for _ in range(self.rnd.randint(0, 4)))

    def value(self):
        return "".join(self.value_part() for _ in range(self.rnd.choice([0, 1, 1, 1, 2, 2, 3])))

    def command_text(self):
        """What backquotes may hold: quick, deterministic, no quotes of their own kind."""
        return self.pick(
            "echo hi", "echo  two  words", "echo a; echo b", "cat | wc -c", "formail -zxSubject:", "sed -n 1p",
            "echo $A", 'echo "$A" $B', "printf 'x\\n\\n'", "echo x; exit 3", "cat >/dev/null", "head -n 2",
            "formail -xTo: -xCc:", "formail -rtzxTo:", "tr a-z A-Z | sed 3q", "expr 1 + 2", "echo $1",
            "formail -c -zxReceived:", "date +%%", "true", "grep -c e", "echo \\$A", "echo '$A'",
            "$HOME/bin/say a $A", "$HOME/bin/say \"$MATCH\"  b")

    def tool(self, name):
        return "$HOME/bin/" + name

    # --- expressions ----------------------------------------------------------------------------

    def atom(self):
        return self.pick("a", "e", "l", "L", "o", ".", "[a-z]", "[^a-z]", "[ \t]", " ", "[0-9]", "lun", "ch", "ali", ":",
                         "\\.", "\\<", "\\>", "[]x]", "[^>]", "\\(", "-", "(a|e)", "(un|hu)", "\\$", "x", "[A-Z]", "(  )",
                         "\\w", "\\n", "@")

    def repeated(self):
        atom = self.pick("a", "e", ".", "[a-z]", "[^:]", "[ \t]", "[0-9]", "l", "(un)", "(a|on)", "[^ ]", "x")
        return atom + self.pick("*", "+", "?", "*", "+", "?", "*?" if self.chance(.1) else "*")

    def sequence(self):
        return "".join(self.atom() if self.chance(.6) else self.repeated() for _ in range(self.rnd.randint(1, 4)))

    def regex(self):
        r = self.rnd.random()
        if r < .18:
            return self.pick("^Subject:", "^From:", "^To:.*bob", "^Subject: Lunch", "^X-Nope", "lunch", "^Cc:", "nope",
                             "^Received:.*for", "^Message-Id:")
        if r < .26:
            return self.pick("", "", "", "(", "(^Subject|", "()") + \
                self.pick("^TO", "^TO_", "^FROM_DAEMON", "^FROM_MAILER", "\\^TO_", "^(TO_)", "^TO^TO_", "x^FROM_MAILER", "^FROM_DAEMON|^TO_") + \
                self.pick("", "bob", "carol", "alice", ".*x", ")", "(bob|alice)", "\\/.*", "\\<bob", "bob@example\\.net")
        if r < .50:
            left = self.pick("^Subject:", "^Subject: *", "^From: *", "^", "", ".*", "^To:.*", "^^", "(^|x)", "^Date: [a-z]+, *",
                             "()", self.sequence())
            return left + "\\/" + self.pick(".*", "[^ ]+", ".+$", "[a-z]*", "[^@]+@.*", "(.|$)+", ".", "^.*", "[0-9]+",
                                            self.sequence(), self.sequence() + "$")
        if r < .56:
            return self.pick("^", "", "()", "^Subject:") + "(" + "|".join(
                self.pick(self.sequence(), "", self.repeated(), "\\/" + self.sequence()) for _ in range(self.rnd.randint(1, 4))) + \
                ")" + self.pick("", "*", "+", "?", "x", "$", "\\/.*", "^^")
        expr = self.pick("", "", "^", "^^", "(", "()", "\\") + self.sequence()
        if self.chance(.3):
            expr += self.pick("|", "$", "$^", "|^", "$.*$", "^^") + self.sequence()
        if expr.startswith("("):
            expr += self.pick(")", ")", ")?", ")*x", "")
        return expr + self.pick("", "", "", "$", "$$", "^^", ".*", "\\>")

    # --- conditions -----------------------------------------------------------------------------

    def test_program(self):
        return self.pick("test -n \"$A\"", "test \"$A\" = a", "grep -q Lunch", "true", "false", "exit 1", "cat >/dev/null; exit 3",
                         "formail -zxSubject: | grep -qi lunch", self.tool("exitwith") + " 0", self.tool("exitwith") + " 2",
                         "grep -q body", "test $# -gt 0", "[ -f box ]", "test -s inbox", self.tool("exitwith") + " $A",
                         "grep \"$MATCH\" >/dev/null", "expr \"$A\" : b >/dev/null", "formail -D 200 idcache",
                         "formail -xSubject: >/dev/null")

    def test(self):
        r = self.rnd.random()
        if r < .60:
            return self.regex()
        if r < .74:
            return "$" + self.pick("", " ") + self.pick(
                "^Subject:.*${A}", "^From:.*$B", "$A", "$\\A", "^To:.*($A|$B)", "! ^X$A", "${A:-^Subject}", "A ?? $B",
                "^Subject:\\/.*$A", "\"$A\"", "'$A'", "? test -n \"$A\"", "> $C", "$A^0 .", "^$\\MATCH", "()$MATCH$",
                self.regex() + "$A", "\\/$A", "`echo ^From:`", "${A:+^Subject}", "^Subject: *$\\MATCH", "! ! $A", "1^0 $A", "\\$A",
                "B ?? $A", "'^Sub'ject", "\"^Subject: Lunch\"", "^Subject:$A\\|x", "< $C", "! > 100", "\\\\$A", "a\\\n  b", "$$A", "\\<$A\\>",
                "? $A", "$MATCH ?? x", "^To:.*(\\\n    $A|bob)")
        if r < .84:
            return self.pick("<", ">", "< ", "> ") + self.pick(
                "0", "10", "100", "300", "500", "520", "1000", "99999", "x", "5 00", "", "$C", "\"$A\"00", "`echo 200`", "1e9", "-5", "0x9", "+300",
                "'30'0", "3\\\n00")
        if r < .96:
            return self.pick("?", "? ", "?  ") + self.test_program()
        return self.pick("", "!", "\\", "$", "?? x", "A ??", "(", "[a", "^^", "$ $A")

    def condition(self):
        text = ""
        if self.chance(.18):
            text += self.pick("1", "-1", "2.5", "0.5", "100", "-300", "1e2", "2147483647", "-2147483647", ".5", "+3", "0x10", "-inf", "+inf") + \
                self.pick("^", "^", " ^ ") + self.pick("0", "1", "0.5", "2", ".9", "-1", "1e0") + self.pick(" ", " ", "  ", "")
        if self.chance(.15):
            text += self.pick("!", "! ", "! ", "! ! ")
        if self.chance(.25):
            text += self.pick("B", "H", "HB", "BH", "A", "A", "MATCH", "NOPE", "B1", "F", "LASTFOLDER", "N1") + \
                self.pick(" ?? ", "?? ", " ??", " ??  ")
            text += self.pick("", "", "", "", "! ", "H ?? ")
        text += self.test()
        if self.chance(.04) and " " in text:
            at = text.index(" ")
            text = text[:at] + self.pick(" \\\n ", "\\\n", "\\\n\t ", " \\\n", "\\\n\\\n", " \\\n\\\n\\\n ") + text[at:]
        elif self.chance(.02):
            text = self.pick("\\\n", "\\\n\\\n") + text
        return self.pick("* ", "* ", "* ", "* ", "*", "*  ", " * ", "\t*") + text + self.pick("", "", "", "", " ", " \t", " # no")

    # --- actions --------------------------------------------------------------------------------

    def folder(self):
        return self.rnd.choices(
            ["box", "box%d" % self.rnd.randint(1, 3), "md/", "md2/", "mh/.", "dir", "sub/box", "sub", "/dev/null", "nodir/x",
             "nodir/md/", "$F", "$A", "\"my box\"", "box # c", "$MAILDIR/box", "md/ dir", "mh/. dir", "dir mh/.", "box1 box2",
             "$A.box", "newdir/", "./box", "box$MATCH", "new/.", "`echo bq`", "$HOME/box", "'q'box", "file/", "box\\ x",
             "${F:-box}", "dir/.", "${NOPE}", "a=b", "a=b c", "sub/../box", "dir//", "$DEFAULT", "ex\\$A", "~", "box#c", "box$NOPE dir", "box\"$MATCH\"",
             "a_b\\#x", "b${A:+ }c"],
            [14, 6, 6, 1, 4, 6, 2, 1, 4, 3, 1, 3, 2, 2, 1, 1, 2, 1, 1, 1, 2, 1, 1, 1, .5, .5, .5, .5, 1, .5, 1, 1, .5, .5, .3, .5,
             .3, .3, .5, .2, .3, .3, .3, .3, .3])[0]

    def program(self, waits):
        n = self.number()
        choices = [" cat >out%d" % n, "cat>out%d" % n, " cat >>out%d; exit %d" % (n, self.pick(0, 0, 1, 3)),
                   " %s 0" % self.tool("exitwith"), " %s 3" % self.tool("exitwith"), " formail -a \"X-A: $A\" >out%d" % n,
                   " sed -e 's/e/E/g' >>out%d" % n, " (cat; echo $A \"$MATCH\") >out%d" % n, " cat > \"out%d\"" % n,
                   " tr a-z A-Z \\\n >out%d" % n, " cat >out%d  # x" % n, " gzip -c | wc -c >/dev/null",
                   " cat >out%d.$A" % n, " cat >>out%d;true" % n]
        if waits:
            choices += [" %s \"$A\" $B 'x y' \"\"" % self.tool("argdump"), " %s $@ x\"$@\" $#" % self.tool("argdump"),
                        " %s %s" % (self.tool("argdump"), self.value().replace("`", "").replace("\n", " ")),
                        " /no/such/program", " exit 2", "/bin/false", " %s \"$MATCH\" $= \"$LASTFOLDER\"" % self.tool("argdump")]
        return "|" + self.rnd.choice(choices)

    def filter(self):
        return "|" + self.pick(
            " formail -I \"X-A: $A\"", " formail -A \"X-B: b\" -i 'Subject: new'", " sed -e 's/o/0/g'", " tr a-z A-Z", " cat",
            " (echo X-First: 1; cat)", " cat; exit 2", " (cat; echo added)", " cat; echo", " formail -f -R Subject X-Old",
            " formail -I From", " formail -bfk -X From: -X Subject:", " sed 1d", " sed '$d'", " formail -rt", " head -n 4; cat >/dev/null",
            " formail", " cat -s", " awk '{print}'", " formail -I \"Subject: $MATCH\"", " formail -u Received -U To",
            " formail -z", " sed -e 's/^From />From /'", " (printf 'X: y\\n\\nbody\\n'; cat >/dev/null)",
            " formail -i Content-Length: ", " formail -D 100 cache", "formail -a Message-ID:\\ x -IX-A:")

    def capture(self):
        if self.chance(.08):
            return self.pick("A=! a@x", "B = !b@x c@y", "C=!", "F=! \"$A\"")
        if self.chance(.06):
            return self.pick("INCLUDERC=|echo inc1", "SWITCHRC=| echo $HOME/inc2", "LOGABSTRACT=| echo no", "EXITCODE=|echo 4", "SHIFT=| echo 1",
                             "DEFAULT=|echo dflt", "MSGPREFIX=| echo m.x", "HOST=|echo no", "MAILDIR=| echo sub")
        return self.name() + self.pick("=", "=", "= ", "=\t") + "|" + self.pick(
            " formail -zxSubject:", "cat", " tr -d a; exit 3", " echo $A; cat >/dev/null", " formail -xTo:", " wc -c", " sed -n 2p",
            " printf 'a\\n\\n'; cat >/dev/null", " %s a \"$B\"" % self.tool("say"), " formail -X From:")

    def forward(self):
        return "!" + self.pick(" a@example.com", "a@example.com b@example.com", " $A", " \"a b\"@x", " -f me x@y", " \"$@\"", " ",
                               " $A,$B", " x@y # c", " 'a;b'", " `formail -zxFrom: | sed 's/ .*//'`", " carol@example.org $B")

    def flags(self, kind):
        letters = ""
        if self.chance(.22):
            letters += self.pick("A", "a", "E", "e", "A", "a", "E", "e", "Ae", "AE", "aE", "Aa", "Ee")
        if self.chance(.22):
            letters += self.pick("B", "H", "HB", "D", "BD")
        if kind in ("folder", "program", "forward"):
            if self.chance(.4):
                letters += "c"
            if self.chance(.12):
                letters += self.pick("h", "b", "hb")
            if self.chance(.08):
                letters += "r"
        if kind == "filter":
            letters += "f" + self.pick("", "h", "b", "hb", "h", "b") + self.pick("", "", "w", "w", "W", "Wi", "c", "r")
        elif kind == "capture":
            letters += self.pick("", "w", "h", "b", "W", "i", "c", "r")
        elif kind == "program":
            letters += self.pick("w", "w", "W", "wi", "", "i")
        elif kind == "forward":
            letters += self.pick("w", "", "", "W")
        elif kind == "block":
            letters += self.pick("", "", "", "", "", "c", "wc", "h", "i", "f")
        letters = list(letters)
        if self.chance(.2):
            self.rnd.shuffle(letters)
        if self.chance(.1):
            letters.insert(self.rnd.randint(0, len(letters)), " ")
        return "".join(letters)

    def lock(self, kind):
        if kind == "block" or self.chance(.8):
            return ""
        return self.pick(":", ":", ":lk", ":$A.lock", ": lk2", ":nodir/lk", ":\"l k\"", ": # c")

    def block(self, depth):
        inside = self.statements(self.rnd.randint(0, 3), depth + 1)
        style = self.rnd.random()
        if style < .12 and len(inside) == 1 and "\n" not in inside[0]:
            return "{ %s }" % inside[0]
        indent = self.pick("", "  ", "\t")
        body = "\n".join(indent + s for s in inside)
        return self.pick("{", "{", "{ ", "{ # c") + "\n" + body + "\n" + self.pick("}", "}", " }", "} " + self.name() + "=z")

    def recipe(self, depth):
        kind = self.rnd.choices(["folder", "program", "filter", "capture", "forward", "block", "stdout"],
                                [9, 4, 3, 2, 2, 4 if depth < 3 else 0, .4])[0]
        conds = [self.condition() for _ in range(self.rnd.choice([0, 0, 1, 1, 1, 2, 2, 3]))]
        flags = self.flags("program" if kind == "stdout" else kind)
        lock = self.lock(kind)
        start = self.pick(":0", ":0", ":0", ":0", ":0", ":0 ", " :0", ": 0")
        if self.chance(.04):  # the old syntax
            start = ":%d" % len(conds) if len(conds) != 1 else self.pick(":", ":1")
            conds = [c.lstrip(" \t*") for c in conds]
        elif self.chance(.04):
            conds.insert(self.rnd.randint(0, len(conds)), self.pick("# comment", "", "  # *"))
        if kind == "folder":
            action = self.folder()
        elif kind == "program":
            action = self.program("w" in flags or "W" in flags)
            if "/no/such" in action and "w" not in flags and "W" not in flags:
                action = self.folder()
        elif kind == "filter":
            action = self.filter()
        elif kind == "capture":
            action = self.capture()
        elif kind == "forward":
            action = self.forward()
        elif kind == "stdout":
            action = "|"
        else:
            action = self.block(depth)
        return "\n".join([start + flags + lock + self.pick("", "", "", "", " ", " # c")] + conds + [self.pick("", "", " ") + action])

    # --- statements -----------------------------------------------------------------------------

    def special(self):
        return self.rnd.choice([
            "UMASK=" + self.pick("022", "077", "002", "0", "027", "007"), "EXITCODE=" + self.pick("0", "3", "75", "67", "", "256", "-1", "1x", "$?"),
            "EXITCODE=75\nLOGABSTRACT=no\nHOST=nothere", "LOGABSTRACT=" + self.pick("no", "yes", "all", "all", "1", "0", "off", ""),
            "SHIFT=" + self.pick("1", "2", "0", "9", "-1", "x"), "DEFAULT=" + self.pick("dflt", "md/", "dir", "mh/.", "nodir/x", "", "/dev/null", "$HOME/d2"),
            "ORGMAIL=" + self.pick("org", "", "nodir/o"), "MAILDIR=" + self.pick("sub", "$HOME", "nodir", ".", "$HOME/sub", "sub/", ""),
            "LASTFOLDER=x", "LASTFOLDER", "VERBOSE=" + self.pick("on", "off", "yes", "1"), "MSGPREFIX=" + self.pick("m.", "x$A", "msg."),
            "LOCKEXT=" + self.pick(".l", ".lock"), "SHELLMETAS=" + self.pick("&|;>", "&|<>~;?*[", ">"), "SENDMAILFLAGS=" + self.pick("-oi", "", "'-x y'", "-a"),
            "SENDMAIL=$HOME/bin/sendmail", "LOCKFILE=" + self.pick("glk", "", "glk", "nodir/l", "box.lock"), "LOCKFILE", "SHELLFLAGS=" + self.pick("-c", "-ec"),
            "HOST", "HOST=$HOST", "LOGABSTRACT=no\nHOST=nope", "DELIVERED=" + self.pick("yes", "no"), "TZ=UTC", "MATCH", "MATCH=" + self.value(), "LINEBUF=" + self.pick("4096", "8192"),
            "LOG=\"text\n\"", "SENDMAIL_EXIT=0", "COMSAT=no", "TIMEOUT=30", "DROPPRIVS=yes", "SWITCHRC", "INCLUDERC", "PATH=$PATH", "SHELL=/bin/sh",
            "LOGFILE=$HOME/log", "NORESRETRY=1", "SUSPEND=1", "LOCKSLEEP=1", "TRAP=\"exit 5\"", "TRAP=''"])

    def odd(self):
        """What old rcfiles have, and what is not often seen."""
        return self.rnd.choice([
            ":0\n* ^Subject: \\/.*\n{ A=$MATCH }", ":0\n* A ?? ^^\n{ A=empty B }", ":0 # c\n# c\n* ^Subject # no\n# c\nbox",
            ":0\n*\nbox1", ":\nlunch\nbox1", "::\nlunch\nbox1", ":2\n^Subject\n^From\nbox2", ":2f:lk\n^Subject\n^From\n|cat",
            ":1HB:lk\nlunch\nbox3", ":0\n^Subject\nbox1", ":0 h c\n^box", "A=b\\\nc", "A=\"b\\\n  c\"", "A='b\\\n  c'", "A=b \\\n",
            "A = `echo a; \\\n echo b`", "SWITCHRC=/dev/null", "INCLUDERC=/dev/null", "INCLUDERC=dir", "INCLUDERC=nodir/x", "INCLUDERC=",
            "SWITCHRC=dir", "SWITCHRC=", "INCLUDERC=$NOPE", "{ A=x }", "{", ":0\n{}\n", ":0\n{ }\n:0 A\n{ A=A }", ":0 E\n{ B=E }",
            ":0\n* ! ^Subject\n{ }\n:0 E\n* ^From\n{ A=E1 }\n:0 E\n{ A=E2 }", ":0 ac\nbox1", ":0 Ac\nbox2", ":0 ec\nbox3",
            ":0 c\nmd/\n:0 ac\nbox1", ":0 c\nnodir/x\n:0 e c\nbox2", "LOGFILE", "LOGFILE=$HOME/log", "PATH", "SHELL", "HOME=$HOME/sub",
            "LOGNAME=x", "IFS=x", ":0 fw\n| cat; exit 1\n:0 ec\nbox1", ":0 w\n| false\n:0 e c\nbox1", "SCORE=$=",
            ":0\n* 1^1 e\n* -3^0\n{ A=$= }\nB=$=", ":0\n* 1^.5 B ?? o\n* -1^1 ^[a-z]+:\n{ }\nA=$=", ":0 B\n* 2^2 e\n* -1^1 ^.*$\n{ }\nC=$=",
            ":0\n* 1^1 > 100\n* -1^-1 < 500\n* 3^-.5 > 1\n{ }\nA=$=", ":0\n* 5^-3 ? exitwith 0\n* 2^1 ! ? %s 3\n{ }\nB=$=" % self.tool("exitwith"),
            ":0\n* -10^0\n* 5^0 ^From\n* 6^0 ! ^X-Nope\n{ A=sum }\nB=$=", ":0\n* 9876543210^1 ^From\n* ^X-Nope\n{ }\nC=$=",
            ":0\n* H ?? ^Subject\n* B ?? lunch\n* HB ?? e$^\n{ A=HB }", ":0\n* ? exit 3\n{ }\nA=$?", ":0 Wic\n| head -n 1 >/dev/null; cat >/dev/null",
            "A=`cat <<X\nhi\nX\n`", "A=\"`echo 'x  y'`  $B\"", "A=${B:-`echo \"q q\"`}", "A=\"${B:-\"q q\"}\"", "A='$B'$B\"$B\"\\$B", "A=a$(B)c",
            "A=~/x", "A=$HOME/*", "A=[a-z]*", "UMASK=0027x", "TIMEOUT=", "LOCKTIMEOUT=5", "LOCKEXT=", "DEFAULT=$A", "ORGMAIL=$HOME/$F",
            "LINEBUF=128x", "A=`exit 3`B=$?", "Q=`kill -9 $$;`\nA=$?", ":0 w\n|cat >/dev/null;kill -15 $$\nA=$?", "A=${B-x`echo q` $A y", "A=\"${C+x$A\" y",
            ":+1c\n^Subject\nbox1", ":-1\n^Nope\nbox1", "A=`echo a \\\n\\\nb|cat`", ":0 c\n|\\\n\\\ncat >outb", "TRAP=\"echo $A \\$A 'q q'\"",
            "TRAP=true\nEXITCODE=", "TRAP=false\nEXITCODE=", "SHELLMETAS=\nTRAP='echo $A;echo b'", "A}", "A{", "A:0c\nbox1", "COMSAT=x@y", "VERBOSE", "LOGABSTRACT", "EXITCODE", "TRAP", "MAILDIR", "DEFAULT", "ORGMAIL", "SENDMAILFLAGS",
            "MSGPREFIX", "SHELLFLAGS", "LASTFOLDER=a B=$LASTFOLDER", "A=1 B=2 C=3", "A=1;B=2", "A=1; B=2", "export A=1", "set -x",
            "A =1", "A\t=\t1", "\\\nA=1", "A=1#2", "A=1 #2", "A=\"1 #2\"", "#A=1 \\\nB=2", " # x\nA=3", "A=$?$#$=$-", "A=${#B}", "A=${B%x}"])

    def include(self, depth):
        name = "inc%d" % self.number()
        if depth < 2 and self.chance(.85):
            self.files[name] = "\n".join(self.statements(self.rnd.randint(0, 4), depth + 1)) + self.pick("\n", "\n", "")
        return self.pick("INCLUDERC=", "INCLUDERC=", "SWITCHRC=") + self.pick(name, "$HOME/" + name, "\"%s\"" % name)

    def dump(self):
        return ("Q=$?\nS=$=\nJ=`%s \"$A\" \"$B\" \"$C\" \"$F\" \"$MATCH\" \"$LASTFOLDER\" $Q $S`" % self.tool("argdump")).split("\n")

    def statement(self, depth):
        r = self.rnd.random()
        if r < .55:
            return [self.recipe(depth)]
        if r < .75:
            form = self.rnd.random()
            if form < .8:
                return [self.name() + self.pick("=", "=", "=", " = ", "= ", " =") + self.value() + self.pick("", "", "", " # c", " " + self.name() + "=2", ";")]
            return [self.pick(self.name(), "export %s=1" % self.name(), "%s %s" % (self.name(), self.name()), "# comment", "", "1A=x", "A-B=c",
                              "junk here", "}", "%s=`%s`" % (self.name(), self.command_text()), "* ^Subject", "A=`cat` B=$A", "if x; then")]
        if r < .83:
            return [self.special()]
        if r < .87:
            return self.odd().split("\n") if self.chance(.5) else [self.odd()]
        if r < .92:
            return self.dump()
        if r < .97:
            return [self.include(depth)]
        return [self.pick("", "# comment", "  ", "# c \\", "\t# x")]

    def statements(self, count, depth):
        out = []
        for _ in range(count):
            out += self.statement(depth)
        return out

    def rcfile(self):
        lines = ["LOCKSLEEP=1", "LOGABSTRACT=" + self.pick("all", "all", "yes", "no")]
        if self.chance(.6):
            lines.append("TRAP='printf \"%s\\n\" \"A=[$A]\" \"B=[$B]\" \"C=[$C]\" \"F=[$F]\" \"N1=[$N1]\" \"M=[$MATCH]\" \"L=[$LASTFOLDER]\""
                         " \"X=[$EXITCODE]\" \"D=[$DEFAULT]\" \"$MAILDIR\" >vars.$$;'")
        if self.chance(.7):
            lines += ["A=" + self.pick("a", "Lunch", "alice", "'x y'", "1", "box"), "F=" + self.pick("fold", "box", "md/", "dir", "'two words'")]
        lines += self.statements(self.rnd.randint(1, 7), 0)
        text = "\n".join(lines) + self.pick("\n", "\n", "\n", "")
        if self.chance(.02) and "LOGFILE" not in text:
            text = text.replace("\n", "\r\n")
        if self.chance(.01):
            text = "\ufeff" + text
        if self.chance(.08):
            text = self.garble(text)
        return text

    def garble(self, text):
        """A few characters lost, doubled or put in: what people mistype."""
        for _ in range(self.rnd.randint(1, 3)):
            at = self.rnd.randint(60 if len(text) > 60 else 0, len(text))
            how = self.rnd.random()
            if how < .4:
                text = text[:at] + text[at + 1:]
            elif how < .6:
                text = text[:at] + text[at:at + 1] * 2 + text[at + 1:]
            else:
                text = text[:at] + self.pick(" ", "\n", "{", "}", '"', "'", ":", "*", "\\", "#", "$", "=", "!", "(", ")", "\t", ":0\n") + text[at:]
        return text

    # --- messages -------------------------------------------------------------------------------

    def header(self):
        out = []
        if self.chance(.8):
            out.append("From " + self.pick("alice@example.org Tue Mar 13 10:00:00 2001", "alice@example.org  Tue Mar 13 10:00:00 2001",
                                           "MAILER-DAEMON Tue Mar 13 10:00:00 2001", "x", "a b c"))
        fields = [
            "Return-Path: <alice@example.org>",
            "Received: from mail.example.org (mail.example.org [192.0.2.10])\n\tby mx.example.net with ESMTP id A1B2C3\n\tfor <bob@example.net>; "
            "Tue, 13 Mar 2001 10:00:00 +0000",
            "From: " + self.pick("Alice Liddell <alice@example.org>", "alice@example.org (Alice)", "\"L, Alice\" <alice@example.org>", ""),
            "To: " + self.pick("Bob Builder <bob@example.net>", "bob@example.net, carol@example.com,\n dave@example.com", "undisclosed:;"),
            "Cc: carol@example.com",
            "Subject: " + self.pick("Lunch on Thursday", "lunch", "Re: Lunch\n  on\tThursday", "", "[list] 50% off (a|b)", "x y z", "$A `x`", "caf\xe9 =?utf-8?q?a?="),
            "Message-ID: <20010313.1000@example.org>", "Date: Tue, 13 Mar 2001 10:00:00 +0000"]
        extra = ["X-Num: 0042", "Precedence: bulk", "X-A: a", "X-Long: " + "abc " * self.pick(5, 60, 300), "Content-Length: " +
                 self.pick("10", "0", "    5", "99999", "x", "30   "), "Resent-To: eve@example.com", "X-Empty:", "lower-case: yes",
                 "X-Tab:\tb", "NoColon here", "X-Sp : a", ">From old", "Status: RO", "Sender: owner-list@example.com", "X-Fold:\n\ta\n\tb",
                 "Lines: 3", "Reply-To: eve@example.com", "Content-Type: text/plain; charset=utf-8", "X-8: \xff\xfe"]
        out += [f for f in fields if self.chance(.85)]
        for _ in range(self.rnd.choice([0, 0, 1, 1, 2, 3])):
            out.insert(self.rnd.randint(1 if out else 0, max(1, len(out))), self.rnd.choice(extra))
        return out

    def body(self):
        lines = []
        for _ in range(self.rnd.choice([0, 1, 3, 5, 8, 8, 40])):
            lines.append(self.pick("Hello Bob,", "", "shall we have lunch on Thursday? The price is 12.50 EUR.", "Alice", "From here on", ">From quoted",
                                   "-- ", "a" * 80, "body text", " indented", "\tx", ".", "..", "From", "  From x", "To: bob", "Subject: Lunch inside",
                                   "caf\xe9", "X-A: b", "lunch " * 20))
        return lines

    def message(self):
        r = self.rnd.random()
        if r < .02:
            return self.pick("", "\n", "\n\nx\n", "x", "From x", "no header\nat all\n", "Subject: x", "From a Tue Mar 13 10:00:00 2001\n", "\n\n", " \n", "A: b\n\n")
        text = "\n".join(self.header())
        if r < .06:
            return text + self.pick("", "\n", "\n\n", "\n\n\n")
        text += "\n\n" + "\n".join(self.body()) + self.rnd.choices(["\n", "", "\n\n", "\n\n\n"], [7, 1.5, 1, .3])[0]
        if not text.endswith("\n"):
            text = text.replace("Content-Length", "X-Length")
        if re.search("Content-Length: (10|0)\n", text):  # too narrow for the truth: a From_ line may stand at its end
            text = text.replace("\nFrom here on", "\nForm here on")
        odd = self.rnd.random()
        if odd < .02:
            text = text.replace("Content-Length", "X-Length").replace("\n", "\r\n")
        elif odd < .04:
            at = self.rnd.randint(0, len(text))
            text = text[:at] + "\0" + text[at:]
        elif odd < .06:
            text = text.replace("\n\n", "\n \n", 1)
        elif odd < .07:
            text += "lunch line\n" * self.pick(500, 9000)
        elif odd < .09:
            text = "\n" * self.rnd.randint(1, 2) + text.replace("Content-Length", "X-Length")
        return text

    # --- all the rest ---------------------------------------------------------------------------

    def arguments(self):
        args = ["@DEFAULTS@"]
        if self.chance(.15):
            args.insert(0, self.pick("-t", "-Y", "-f-", "-fx@example.com", "-o", "-afirst", "-p"))
            if self.chance(.3):
                args.insert(0, self.pick("-asecond", "-Y", "-t", "-o"))
        if self.chance(.15):
            args.append(self.pick("B=arg", "A=one two", "DEFAULT=dflt", "C=${A}x", "F=", "UMASK=022", "B=\"q q\"", "C='$A'", "MAILDIR=sub",
                                  "HOST=elsewhere", "A-B=x", "SHIFT=1", "LOCKEXT=.l", "EXITCODE=4", "TRAP=echo t >>vars", "INCLUDERC=inc1"))
        if self.chance(.03):
            return ["-m"] + args + ["@HOME@/rc", "one", "two words", "B=c"]
        return args + ["@HOME@/rc"]

    def setup(self):
        self.files.setdefault("dir/keep", "x\n")
        self.files.setdefault("sub/keep", "x\n")
        self.files.setdefault("file", "From a Tue Mar 13 10:00:00 2001\n\nx\n\n")
        if self.chance(.3):
            self.files["box"] = "From a Tue Mar 13 10:00:00 2001\nSubject: old\n\nold\n\n"
        if self.chance(.2):
            self.files["mh/%d" % self.rnd.randint(1, 12)] = "Subject: old\n\n"
        setup = [] if self.chance(.4) else ["mkdir md", "mkdir md/new", "mkdir md/cur", "mkdir md/tmp"]
        if self.chance(.1):
            self.files["box1"] = "old\n"
            setup.append(self.pick("chmod box1 400", "chmod box1 644", "symlink box2 box1", "symlink box2 nowhere", "symlink box3 md",
                                   "mkdir box2", "mkdir box2 555"))
        return setup

    def case(self):
        """The files of a case directory, in the form of tests/compat: name to bytes."""
        rc, message = self.rcfile(), self.message()
        args, setup = self.arguments(), self.setup()
        out = {"rc": rc.encode("utf-8"), "msg": message.encode("latin-1"), "args": ("\n".join(args) + "\n").encode(),
               "about": b"generated\n", "unique": b"*/m.*\n*/x*\nvars.*\n"}
        if setup:
            out["setup"] = ("\n".join(setup) + "\n").encode()
        for name, text in self.files.items():
            out["home/" + name] = text.encode("utf-8")
        return out
