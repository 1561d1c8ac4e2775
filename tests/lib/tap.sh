# tap.sh: for test scripts; include it with  . "$(dirname "$0")/../lib/tap.sh"
#
#	ok DESCRIPTION COMMAND...          passes when the command does
#	not_ok DESCRIPTION COMMAND...      passes when the command fails
#	is GOT WANTED DESCRIPTION          two texts
#	same FILE WANTED-FILE DESCRIPTION  two files, byte for byte
#	like TEXT ERE DESCRIPTION          text against an extended regular expression
#	status N DESCRIPTION COMMAND...    the command's exit status
#	skip DESCRIPTION REASON            counts as left out
#	skip_all REASON                    leaves out the whole script
#	need COMMAND...                    skip_all unless all are installed
#	diag TEXT...                       a comment
#	done_testing                       must be the last line: a script that dies before has failed
#
#	as_user COMMAND...                 runs as an ordinary user, also when root tests
#	user_dir DIRECTORY                 makes a directory that belongs to that user
#
# $T is a directory of the script's own, which ordinary users may enter; it is removed at the end.
# $B holds the programs (a copy, if ordinary users cannot reach them), $TOP the checkout.
# Standard output of commands under test must not reach ours: ok, not_ok and status send it to
# standard error.
# shellcheck shell=sh

TOP=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
B=${B:-$TOP/build/cc}
case $B in
/*) ;;
*) B=$TOP/$B ;;
esac
T=$(mktemp -d "${TMPDIR:-/tmp}/bivalve-test.XXXXXX") || exit 1
chmod 755 "$T"
trap 'rm -rf "$T"' EXIT
trap 'exit 1' HUP INT TERM
umask 022

tap_count=0
tap_user=nobody

# tap_result 0|1 DESCRIPTION
tap_result() {
	tap_count=$((tap_count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $tap_count - $2"
	else
		echo "not ok $tap_count - $2"
	fi
	return "$1"
}

diag() {
	printf '%s\n' "$*" | sed 's/^/# /'
}

ok() {
	tap_text=$1
	shift
	if "$@" >&2; then tap_result 0 "$tap_text"; else tap_result 1 "$tap_text"; fi
}

not_ok() {
	tap_text=$1
	shift
	if "$@" >&2; then tap_result 1 "$tap_text"; else tap_result 0 "$tap_text"; fi
}

is() {
	if [ "$1" = "$2" ]; then tap_result 0 "$3"; return; fi
	tap_result 1 "$3"
	diag "     got: $1"
	diag "expected: $2"
	return 1
}

same() {
	if cmp -s "$1" "$2"; then tap_result 0 "$3"; return; fi
	tap_result 1 "$3"
	diff -a -U1 "$2" "$1" 2>&1 | head -n 20 | sed 's/^/# /'
	return 1
}

like() {
	if printf '%s\n' "$1" | grep -Eq -- "$2"; then tap_result 0 "$3"; return; fi
	tap_result 1 "$3"
	diag "     got: $1"
	diag "expected: something like $2"
	return 1
}

status() {
	tap_want=$1 tap_text=$2
	shift 2
	"$@" >&2
	is "$?" "$tap_want" "$tap_text"
}

skip() {
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1 # SKIP $2"
}

skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}

need() {
	for tap_command; do
		command -v "$tap_command" >/dev/null || skip_all "no $tap_command here"
	done
}

as_user() {
	if [ "$(id -u)" -eq 0 ]; then
		setpriv --reuid="$tap_user" --regid="$(id -g "$tap_user")" --clear-groups -- "$@"
	else
		"$@"
	fi
}

user_dir() {
	mkdir -p "$1" || return
	[ "$(id -u)" -ne 0 ] || chown "$tap_user:$(id -g "$tap_user")" "$1"
}

done_testing() {
	echo "1..$tap_count"
}

# A checkout may lie where ordinary users cannot go (/root); programs that they run must be copied.
for tap_program in "$B"/bivalve*; do
	if [ ! -f "$tap_program" ] || as_user test -x "$tap_program"; then continue; fi
	mkdir -p "$T/bin" && cp "$B"/bivalve* "$T/bin/" && B=$T/bin
	break
done
