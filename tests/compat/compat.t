#!/bin/sh
# The cases recorded from procmail, each as one test.  "differ.txt" lists those where bivalve does
# something else on purpose: "differ" has them with what it does.  It also lists those marked as
# accidents of procmail ("quirk") that bivalve follows.
. "$(dirname "$0")/../lib/tap.sh"
here=$(cd "$(dirname "$0")" && pwd)
[ -x "$B/bivalve" ] || skip_all "bivalve is not built"
need python3

# Where an unprivileged user may run it, wherever the checkout is.
cp "$B/bivalve" "$T/bivalve" || exit 1

# name TAB run|ours|skip TAB reason, for each case.
for case in "$here"/cases/*/; do
	case=${case%/}
	name=${case##*/}
	line=$(grep "^$name	" "$here/differ.txt")
	reason=${line##*	}
	case $line in
	*"	follow	"*) echo "$name	run	" ;;
	*"	differ	"*) echo "$name	ours	, on purpose: $reason" ;;
	*)
		if grep -q '^quirk' "$case/about"; then
			echo "$name	skip	an accident of procmail, not followed"
		else
			echo "$name	run	"
		fi
		;;
	esac
done >"$T/plan"

# shellcheck disable=SC2046  # a list of words
"$here/run-compat" -j $((4 * $(nproc))) "$T/bivalve" $(awk -F '\t' '$2 == "run" { print $1 }' "$T/plan") \
    >"$T/result" 2>"$T/errors"
"$here/run-compat" --cases "$here/differ" "$T/bivalve" >>"$T/result" 2>>"$T/errors"

awk -F '\t' '
	FILENAME ~ /result$/ {
		if (/^FAIL /)
			failed[name = substr($0, 6)] = ""
		else if (/^SKIP /) {
			split($0, word, " ")
			reason = $0
			sub(/^SKIP [^ ]* /, "", reason)
			left[word[2]] = reason
		} else if (/^[0-9]+ passed, [0-9]+ failed$/)
			complete++
		else
			failed[name] = failed[name] "#" $0 "\n"
		next
	}
	$2 == "skip" { left[$1] = $3 }
	$2 == "ours" { name_of[$1] = $1 $3 }
	{
		n++
		if ($1 in left)
			print "ok " n " - " $1 " # SKIP " left[$1]
		else if ($1 in failed)
			printf "not ok %d - %s\n%s", n, $1, failed[$1]
		else
			print (complete == 2 ? "" : "not ") "ok " n " - " ($1 in name_of ? name_of[$1] : $1)
	}
	END { print "1.." n }' "$T/result" "$T/plan"
cat "$T/errors" >&2
