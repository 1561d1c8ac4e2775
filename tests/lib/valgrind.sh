#!/bin/sh
# valgrind.sh DIR TEST...: runs tests with memcheck around each unit test and each `bivalve` of the
# scripts.  DIR has the programs.  What valgrind says is in DIR/valgrind/said, and each report is a
# failure.  The scanner and the look-ups are left out: their sandbox ends valgrind's own calls.
# Leaks are the business of SAN=address: what a forked child still holds is none.  A test that fails
# without a report does not count: this valgrind may know no pidfd_open(2), and is slow.
set -eu

command -v valgrind >/dev/null || { echo "no valgrind here (Debian package valgrind)"; exit 1; }
dir=$(cd "$1" && pwd)
shift
rm -rf "$dir/valgrind"
mkdir -p "$dir/valgrind/programs/unit" "$dir/valgrind/said"
chmod 1777 "$dir/valgrind/said"

# The dynamic loader, when iconv loads a module, compares eight bytes at a time.
cat >"$dir/valgrind/suppressions" <<'END'
{
   loader
   Memcheck:Addr8
   fun:strncmp
   fun:is_dst
}
END

# wrap PROGRAM PLACE
wrap() {
	cat >"$dir/valgrind/programs/$2" <<END
#!/bin/sh
exec valgrind -q --suppressions='$dir/valgrind/suppressions' \\
    --log-file='$dir/valgrind/said/$1.%p' '$dir/$2' "\$@"
END
	chmod 755 "$dir/valgrind/programs/$2"
}

for program in "$dir"/bivalve*; do
	[ ! -x "$program" ] || ln -s "$program" "$dir/valgrind/programs/"
done
rm "$dir/valgrind/programs/bivalve"
wrap bivalve bivalve
for test in "$dir"/unit/test-*; do
	[ ! -x "$test" ] || wrap "${test##*/}" "unit/${test##*/}"
done

for test; do
	shift
	case $test in
	*/unit/test-sandbox) continue ;;
	*/unit/*) test=$dir/valgrind/programs/unit/${test##*/} ;;
	esac
	set -- "$@" "$test"
done
B=$dir/valgrind/programs tests/run -t 1800 "$@" || :
for said in "$dir"/valgrind/said/*; do
	# "--" begins its remarks on system calls that it does not know.
	if grep -q '^==' "$said" 2>/dev/null; then
		bad=1
		echo "==== $said"
		grep '^==' "$said" | head -n 40
	fi
done
[ -z "${bad-}" ] && echo "memcheck reports nothing"
