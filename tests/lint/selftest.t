#!/bin/sh
# Each lint can fail, says where, and is content with a good file.
. "$(dirname "$0")/../lib/tap.sh"
lints=$(cd "$(dirname "$0")" && pwd)
ours=$B

# A good tree; every test changes one thing in a copy of it.
mkdir -p "$T/good/src/base" "$T/good/src/mime" "$T/good/src/act" "$T/good/src/proc" \
    "$T/good/src/entry" "$T/good/doc" "$T/good/tests/unit" "$T/good/tests/lib" || exit 1
cd "$T/good" || exit 1
printf '0\tbase\t-\n1\tact\t-\n1\tmime\tgmime/.*\n2\tproc\t(pwd|grp)\\.h\n3\tentry\t-\n' >src/LAYERS
cat >src/base/thing.h <<'END'
#ifndef BASE_THING_H
#define BASE_THING_H
#include <stddef.h>
size_t thing_size(const char *s);
#endif
END
cat >src/base/thing.c <<'END'
#include "base/thing.h"

#include <string.h>

/* strcpy(a, b) in a comment, and below in a literal, is no call. */
size_t
thing_size(const char *s)
{
	return strlen(s) + sizeof "atoi(x)";
}
END
printf '#include "base/thing.h"\n' >src/act/use.c
printf '/* layer: base */\n#include "base/thing.h"\n' >tests/unit/test-thing.c
printf '#!/bin/sh\necho hello\n' >tests/lib/hello.sh
cat >doc/thing.1 <<'END'
.Dd November 1, 2026
.Dt THING 1
.Os
.Sh NAME
.Nm thing
.Nd does it
.Sh DESCRIPTION
Text.
END

# lint NAME: runs it in the current copy; output in $T/out, status in $got.
lint() {
	sh "$lints/lint-$1.sh" . >"$T/out" 2>&1
	got=$?
}

# finds LINT FILE:LINE DESCRIPTION; the copy is thrown away afterwards
finds() {
	lint "$1"
	if [ "$got" -eq 77 ]; then
		skip "$1: $3" "$(tail -n 1 "$T/out")"
	elif [ "$got" -ne 0 ] && grep -q "^$2: ." "$T/out"; then
		tap_result 0 "$1: $3"
	else
		tap_result 1 "$1: $3"
		diag "status $got; expected $2 in:"
		sed 's/^/# /' "$T/out"
	fi
	fresh
}

fresh() {
	cd "$T" && rm -rf copy && cp -r good copy && cd copy || exit 1
}

objects() {
	mkdir -p build/base build/act
	for source in base/thing "$@"; do
		${CC:-cc} -Isrc -c -o "build/$source.o" "src/$source.c" || return
	done
}

# program LIBRARIES: one that could be the delivery agent
program() {
	mkdir -p build
	# shellcheck disable=SC2086  # a list of words
	echo 'int main(void) { return 0; }' | ${CC:-cc} -o build/bivalve -x c - $1
}

B=build
export B
unset COMPILE TEXT
fresh
for lint in layers symbols headers banned functions text man shell linkage top; do
	objects 2>/dev/null
	program ''
	lint "$lint"
	case $got in
	77) skip "$lint is content with good files" "$(tail -n 1 "$T/out")" ;;
	*) is "$got" 0 "$lint is content with good files" || sed 's/^/# /' "$T/out" ;;
	esac
done

echo '#include "act/use.h"' >>src/base/thing.c
finds layers src/base/thing.c:11 'a lower rank includes a higher one'
echo '#include "mime/x.h"' >>src/act/use.c
finds layers src/act/use.c:2 'a rank includes its equal'
echo '#include "thing.h"' >>src/base/thing.c
finds layers src/base/thing.c:11 'an include without its directory'
echo '#include "base/none.h"' >>src/act/use.c
finds layers src/act/use.c:2 'an include of nothing'
echo '#include <gmime/gmime.h>' >>src/act/use.c
finds layers src/act/use.c:2 "another directory's library"
echo '#include <pwd.h>' >>src/base/thing.h
finds layers src/base/thing.h:6 "another directory's system header"
echo '#include <zlib.h>' >>src/act/use.c
finds layers src/act/use.c:2 'a library that nobody owns'
mkdir src/new && echo >src/new/x.c
finds layers src/new/x.c:1 'a directory without a rank'
echo >tests/unit/test-thing.c
finds layers tests/unit/test-thing.c:1 'a unit test that names no layer'

printf 'int other(void) { return 0; }\n' >>src/base/thing.c && objects
finds symbols src/base/thing.c:11 'an external function without the prefix'
printf 'int use_count, counter;\n' >>src/act/use.c && objects act/use
finds symbols src/act/use.c:2 'an external variable without the prefix'
cp src/base/thing.c src/act/
finds symbols src/base/thing.c:1 'two files of one name'

sed -i '/stddef/d' src/base/thing.h
finds headers src/base/thing.h:1 'a header that does not compile alone'
sed -i 's/BASE_THING_H/THING_H/' src/base/thing.h
finds headers src/base/thing.h:1 'a wrong guard'

for call in 'strcpy(a, b)' 'x = atoi (s)' 'system("ls")' 'signal(SIGHUP, handler)' 'p = malloc(1)' \
    'setuid(0)' 'sprintf(b, "%d", 1)' 'strtok(a, b)' 'popen(a, "r")' 'if (setresgid(1, 1, 1))'; do
	printf 'void f(void)\n{\n\t%s;\n}\n' "$call" >>src/act/use.c
	finds banned src/act/use.c:4 "$call"
done
printf 'void f(void)\n{\n\tsignal(SIGPIPE, SIG_IGN); /* strcat(\n\t atoi(x) */\n}\n' >>src/act/use.c
lint banned
is "$got" 0 'banned: a signal without a handler, and a long comment, are no calls'
fresh
printf 'int drop(void)\n{\n\treturn setuid(1);\n}\n' >src/proc/drop.c
lint banned
is "$got" 0 'banned: proc may give up rights'
fresh

{
	printf 'int long_one(void)\n{\n'
	for i in 1 2 3 4 5 6 7 8 9 10; do printf '\t;\n\t;\n\t;\n\t;\n\t;\n\t;\n\t;\n\t;\n\t;\n\t;\n'; done
	printf '\treturn %d;\n}\n' "$i"
} >>src/act/use.c
finds functions src/act/use.c:2 'a function over 100 lines'

echo '/* TO''DO: think */' >>src/act/use.c
finds text src/act/use.c:2 'a note to oneself'
echo '/* a st''ub */' >>src/act/use.c
finds text src/act/use.c:2 'something not there'
echo 'see /wo''rk/main' >doc/notes
finds text doc/notes:1 'a path of one machine'
echo 'http://deb.deb''ian.org/x' >doc/notes
finds text doc/notes:1 'a registry host'
printf '\t\t\t\t\t\t\t\t\t\t\t\t/* x */\n' >>src/act/use.c
finds text src/act/use.c:2 'a line over 100 columns'
printf 'int x; \n' >>src/act/use.c
finds text src/act/use.c:2 'blanks at the end of a line'

echo '.Bogus macro' >>doc/thing.1
finds man doc/thing.1:9:2 'an unknown macro'
# shellcheck disable=SC2016  # the script's own variable
echo 'rm $1' >>tests/lib/hello.sh
finds shell tests/lib/hello.sh:3:4 'an unquoted variable'

program '-Wl,--no-as-needed -lresolv'
finds linkage build/bivalve:1 'a delivery agent that needs more than libc'

echo ':0' >1.rc
finds top 1.rc:1 'a scratch file at the top'

B=$ours
untested=''
for lint in "$lints"/lint-*.sh; do
	name=${lint##*/lint-}
	grep -q "^	*finds ${name%.sh} " "$lints/selftest.t" || untested="$untested $name"
done
is "$untested" '' 'every lint is tested here'

done_testing
