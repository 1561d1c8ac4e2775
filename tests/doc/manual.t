#!/bin/sh
# manual.t: the manual pages say what the tables in the sources say, no more and no less.
. "$(dirname "$0")/../lib/tap.sh"
cd "$TOP" || exit 1
export LC_ALL=C

# items PAGE SECTION MACRO: the names behind .It MACRO in one section, one a line
items() {
	awk -v section="$2" -v macro="$3" '
		/^\.S[hs] / {
			name = $0
			sub(/^\.S[hs] /, "", name)
			inside = name == section
		}
		inside && $1 == ".It" && $2 == macro {
			for (i = 3; i <= NF; i++) {
				if ($i == ",")
					continue
				if ($i ~ /^(Ar|Op|Ns|=)$/)
					break
				sub(/\\&$/, "", $i)
				print $i
			}
		}' "doc/$1"
}

# agree SOURCE PAGE DESCRIPTION: two lists of lines, in any order
agree() {
	sort -u "$1" >"$T/source"
	sort -u "$2" >"$T/page"
	[ -s "$T/source" ] || echo "(the table was not found)" >>"$T/source"
	same "$T/page" "$T/source" "$3"
}

# ---- bivalve(1) ----

# A row of the table becomes the item: "Fl d , -deliver Ar USER".
sed -n "s/^\t{ \('.'\|0\), \(\"[^\"]*\"\|NULL\), \(\"[^\"]*\"\|NULL\), \".*/\1 \2 \3/p" \
    src/entry/options.c | tr -d "'\"" | awk '
	$1 == "0" && $2 == "NULL" { next }
	{
		item = ".It Fl " ($1 == "0" ? "" : $1)
		if ($2 != "NULL")
			item = item ($1 == "0" ? "" : " , ") "-" $2
		print item ($3 == "NULL" ? "" : " Ar " $3)
	}' >"$T/options"
grep '^\.It Fl' doc/bivalve.1 >"$T/options.page"
agree "$T/options" "$T/options.page" 'bivalve.1: every option, with its argument'

printf '#include <sysexits.h>\n' >"$T/numbers.c"
sed -n 's/^\t\[FAIL_.*, \(EX_[A-Z]*\), .*/number \1/p' src/core/fail.c >>"$T/numbers.c"
${CC:-cc} -E -P "$T/numbers.c" | tr -s ' ' '\n' | grep "^[0-9]" >"$T/exits"
awk '/^\.Sh/ { inside = /EXIT STATUS/ } inside && $1 == ".It" { print $2 }' doc/bivalve.1 \
    >"$T/exits.page"
agree "$T/exits" "$T/exits.page" 'bivalve.1: every exit status'

sed -n 's/^\t\[LOGLINE_.* = { "\([a-z_]*\)", .*/\1/p' src/core/logline.c >"$T/keys"
items bivalve.1 DIAGNOSTICS Li >"$T/keys.page"
agree "$T/keys" "$T/keys.page" 'bivalve.1: every key of the log line'

# ---- bivalve.conf(5) ----

# The key, its range or kind, and its default, as the first line of its item has them.
sed -n 's/^\t\(KEY\|NUMBER\)(\(.*\)),$/\1, \2/p; s/^\t{ "\([a-z_]*\)", CONF_CHOICE, .*), "\([a-z]*\)", 0, 0, \(.*\) },$/CHOICE, \1, \2, \3/p
    s/^static const char \*const \(conf_[a-z]*\)\[\] = { \(.*\), NULL };/WORDS, \1:\2/p' \
    src/core/conf.c | sed 's/SYSCONFDIR "/"\/etc/; s/STATEDIR "/"\/var\/lib\/bivalve/; s/"//g' | awk -F ', ' '
	$1 == "NUMBER" {
		print $2 ": Number from " $4 " to " $5 "; default " $3 "."
		next
	}
	$1 == "WORDS" { # the last comma becomes "or"
		words = $0
		sub(/^WORDS, [a-z_]*:/, "", words)
		sub(/, [a-z]*$/, " or " $NF, words)
		sub(/:.*/, "", $2)
		choices[$2] = words
		next
	}
	$1 == "CHOICE" {
		print $2 ": " choices[$4] "; default " $3 "."
		next
	}
	{
		kind = $3 == "CONF_PATHNAME" ? "Absolute path" : $3 == "CONF_BOOL" ? "yes or no" : "Text"
		print $2 ": " kind "; " ($4 == "" ? "empty by default." : "default " $4 ".")
	}' >"$T/keys"
awk '/^\.It Ic/ { key = $3; getline; print key ": " $0 }' doc/bivalve.conf.5 >"$T/keys.page"
agree "$T/keys" "$T/keys.page" 'bivalve.conf.5: every key, with range and default'

# ---- bivalverc(5) ----

sed -n 's/^\t\[SELECT_.*{ "\([^"]*\)", .*/\1/p' src/recipe/select.c >"$T/selectors"
items bivalverc.5 SELECTORS Cm >"$T/selectors.page"
agree "$T/selectors" "$T/selectors.page" 'bivalverc.5: every selector'

sed -n 's/^\t\[VERB_.*{ "\([a-z]*\)", [a-z]*, \([a-z]*\), .*/@\1 \2/p' src/recipe/verb.c >"$T/verbs"
awk '/^\.Sh/ { inside = / VERBS/ } inside && /^\.It Cm/ { print $3, NF == 3 || $4 == "Op" ? "false" : "true" }' \
    doc/bivalverc.5 >"$T/verbs.page"
agree "$T/verbs" "$T/verbs.page" 'bivalverc.5: every verb, and whether it needs a text'

awk '/^\.Sh/ { inside = / VERBS/ } /^The first/ && inside { print $3 }' doc/bivalverc.5 >"$T/ending"
is "$(cat "$T/ending") $(grep -c '^	\[VERB_.*", true, ' src/recipe/verb.c)" 'four 4' \
    'bivalverc.5: how many verbs end processing'

sed -n 's/^\t\[DEFECT_.*"\([^"]*\)",$/\1/p' src/mime/defect.c >"$T/defects"
items bivalverc.5 Defects Sy >"$T/defects.page"
agree "$T/defects" "$T/defects.page" 'bivalverc.5: every defect'

sed -n 's/^\t\[FINDING_.*{ "\([^"]*\)", .*/\1/p' src/scan/finding.c >"$T/classes"
items bivalverc.5 Classes Sy >"$T/classes.page"
agree "$T/classes" "$T/classes.page" 'bivalverc.5: every class'

# Every rule of check, with one line of its own.
grep -hoE 'CTLTRAP_[A-Z]+, "[a-z-]+"' src/tools/*.c | sed 's/.*"\(.*\)"/\1/' | sort -u >"$T/rules"
items bivalvectl.8 check Cm >"$T/rules.page"
agree "$T/rules" "$T/rules.page" 'bivalvectl.8: every rule of check'

# What check says that a class can be; the scanner's table is not linked to it.
sed -n '/ctlrulecond_class\[\]/,/;/p' src/tools/ctlrulecond.c | grep -o '"[a-z]*"' | tr -d '"' >"$T/known"
agree "$T/classes" "$T/known" 'bivalvectl check: every class'
sed -n '/ctlrulecond_status\[\]/,/;/p' src/tools/ctlrulecond.c | grep -o '"[a-z]*"' | tr -d '"' >"$T/known"
grep -o '\[REPORT_[A-Z]*\] = { "[a-z]*"' src/core/report.c | sed 's/.*"\(.*\)"/\1/' | grep -v none >"$T/statuses"
agree "$T/statuses" "$T/known" 'bivalvectl check: every status'

sed -n 's/^\t{ "\([A-Z_]*\)", .*vars_.*/\1/p; s/^\t{ "\(PROCMAIL_VERSION\)", .*/\1/p' \
    src/recipe/vars.c >"$T/variables"
# Asked for at the end only, elsewhere.
grep -o 'interp_get(f->in, "\(EXITCODE\|TRAP\)")' src/flow/finish.c | tr -dc 'A-Z\n' >>"$T/variables"
items bivalverc.5 VARIABLES Ev >"$T/variables.page"
agree "$T/variables" "$T/variables.page" 'bivalverc.5: every variable with a meaning of its own'

# The numbers and words that the page gives as defaults.
for name in LOCKEXT LOCKSLEEP LOCKTIMEOUT TIMEOUT SUSPEND NORESRETRY LINEBUF MSGPREFIX UMASK; do
	standard=$(sed -n "s/^\t{ \"$name\", \(NULL, \)*\"\([^\"]*\)\".*/\2/p" src/recipe/vars.c)
	ok "bivalverc.5: default of $name" awk -v name="$name" -v standard="$standard" '
		function ends(text, end) {
			return substr(text, length(text) - length(end) + 1) == end
		}
		/^\.It/ { inside = $2 == "Ev" && $3 == name }
		inside {
			sub(/\\&$/, "")
			found = found || ends($0, " " standard) || ends($0, "; " standard ".")
		}
		END { exit !found }' doc/bivalverc.5
done

# ---- bivalvectl(8) ----

if [ -x "$B/bivalvectl" ]; then
	"$B/bivalvectl" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p' >"$T/commands"
	sed -n '/^\.Sh COMMANDS/,/^\.Sh EXIT/s/^\.Ss \([a-z]*\)$/\1/p' doc/bivalvectl.8 >"$T/commands.page"
	same "$T/commands.page" "$T/commands" 'bivalvectl.8: every command, in the order of the table'
	while read -r command; do
		"$B/bivalvectl" "$command" --help >"$T/help"
		sed -n "s/^usage: //p" "$T/help" >"$T/usage"
		awk -v want="$command" '
			/^\.S[hs] / { inside = $2 == want }
			inside && /^bivalvectl / { print; exit }' doc/bivalvectl.8 >"$T/usage.page"
		same "$T/usage.page" "$T/usage" "bivalvectl.8: how $command is called"
		sed -n 's/^  \( *\|-\(.\), \)--\([a-z-]*\)\( [A-Z:]*\|\) .*/.It Fl \2 , -\3 Ar\4/p' "$T/help" |
		    sed 's/Fl  , /Fl /; s/ Ar *$//' | grep -v -- '-help$' | sort >"$T/options"
		awk -v want="$command" '
			/^\.S[hs] / { inside = $2 == want }
			inside && /^\.It Fl/' doc/bivalvectl.8 | sort >"$T/options.page"
		same "$T/options.page" "$T/options" "bivalvectl.8: every option of $command"
		ok "bivalvectl $command --help fits a screen" awk '
			length($0) > 79 { bad = 1 }
			END { exit bad || NR > 24 }' "$T/help"
	done <"$T/commands"
	"$B/bivalvectl" --help >"$T/help"
	ok "bivalvectl --help fits a screen" awk '
		length($0) > 79 { bad = 1 }
		END { exit bad || NR > 24 }' "$T/help"
fi
# Commands that the texts tell people to type, with their options.
sed -n 's/.*\(bivalvectl [a-z][a-z]*[^`#|&]*\).*/\1/p' README.md doc/*.md recipes/systemd/* |
    sort -u >"$T/typed"
while read -r _ command arguments; do
	[ -x "$B/bivalvectl" ] || break
	"$B/bivalvectl" "$command" --help >"$T/help" 2>/dev/null || tap_result 1 "there is a command $command"
	for word in $arguments; do
		case $word in
		--*) grep -q -- " ${word%%[=,:]*} " "$T/help" ||
		    tap_result 1 "bivalvectl $command has $word, which a text tells of" ;;
		esac
	done
done <"$T/typed"
ok 'texts tell of commands and options that there are' test -s "$T/typed"

# Letter and name of each option, of the help and of the page.
for page in bivalve.1 bivalved.8 bivalve-scan.8 bivalve-lookup.8; do
	program=${page%.*}
	[ -x "$B/$program" ] || continue
	status 0 "$program --help" sh -c '"$1" --help >"$2"' sh "$B/$program" "$T/help"
	ok "$program --help fits a screen" awk '
		length($0) > 79 { bad = 1 }
		END { exit bad || NR > 24 || NR < 5 }' "$T/help"
	sed -n 's/^ \{2,6\}\(-[a-zA-Z]\)\(,\{0,1\}\) *\(--[a-z-]*\|\) .*/\1 \3/p
		s/^ \{6\}\(--[a-z-]*\) .*/\1/p' "$T/help" | sed 's/ *$//' >"$T/options"
	awk '/^\.Sh/ { inside = /OPTIONS/ }
		inside && /^\.It Fl/ {
			gsub(/ ,/, ""); out = ""
			for (i = 3; i <= NF && $i != "Ar" && $i != "Ns" && $i != "Op"; i++)
				out = out (i > 3 ? " " : "") "-" $i
			print out
		}' "doc/$page" >"$T/options.page"
	agree "$T/options" "$T/options.page" "$page: every option of --help"
done

# ---- all ----

for name in recipes/*.rc; do
	ok "$name is explained by its first line" \
	    grep -q "^# $(basename "$name") - " "$name"
done

sed -n 's/^\.Xr \(bivalve[a-z.-]*\) \([1-8]\).*/\1.\2/p' doc/*.[158] | sort -u >"$T/references"
while read -r page; do
	ok "page $page, which others refer to, is there" test -f "doc/$page"
done <"$T/references"

# Files that the texts speak of.
sed -n 's/.*(\(\(src\|doc\|tests\|recipes\)\/[A-Za-z0-9_./-]*\)).*/\1/p;
    s/.*`\(\(src\|doc\|tests\|recipes\)\/[A-Za-z0-9_./-]*\)`.*/\1/p' README.md doc/*.md |
    sort -u >"$T/files"
while read -r file; do
	ok "$file, which a text names, is there" test -e "$file"
done <"$T/files"

done_testing
