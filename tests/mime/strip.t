#!/bin/sh
# strip.t: @strip takes out what it should, says so, and leaves every other byte alone.
# shellcheck disable=SC2034,SC2154  # set by, and for, deliver.sh
. "$(dirname "$0")/../lib/tap.sh"
need python3 base64
. "$(dirname "$0")/../recipes/deliver.sh"
cases=$TOP/tests/mime/strip-cases

mkdir "$T/cases"
python3 "$cases" make "$T/cases"
cat >"$T/infected.rc" <<'END'
:0
@strip
:0 a
@tag X-Then: done
:0 E
@tag X-Then: not done
END

# Without what the recipe adds.
plain() {
	sed '/^X-Then: /d' "$file" >"$T/result"
}

for eml in "$T"/cases/*.eml; do
	name=$(basename "$eml" .eml)
	through infected.rc "$eml"
	is "$status $outcome $verdict" '0 delivered clean' "$name: delivered, and clean" ||
		diag "$log"
	is "$(has X-Then | tr -d '\r')" 'done' "$name: the chain goes on"
	plain
	python3 "$cases" check "$eml" "${eml%.eml}.gone" "$T/result" >"$T/note"
	is $? 0 "$name: the rest is the same, byte for byte" || diag "$(cat "$T/note")"
	[ -s "${eml%.eml}.gone" ] || continue
	ok "$name: the note says what it was" grep -q 'Bivalve.Test.EICAR' "$T/note"
done

through infected.rc "$T/cases/plain.eml"
plain
python3 "$cases" check "$T/cases/plain.eml" "$T/cases/plain.gone" "$T/result" >"$T/note"
ok 'the note has the name' grep -q '^Name: *bad.com$' "$T/note"
ok 'and the type' grep -q 'application/octet-stream' "$T/note"
like "$log" 'stripped: bad.com \(Bivalve.Test.EICAR' 'the log says it, too'
through infected.rc "$T/cases/signed.eml"
ok 'a broken signature is said' grep -q 'signed (OpenPGP)' "$file"
through infected.rc "$T/cases/many.eml"
is "$(wc -c <"$file" | awk '{ print ($1 < 5000) }')" 1 'too many parts are taken out as one'

conf='spool_memory = 4'
python3 - "$T/cases/plain.eml" >"$T/messages/large" <<'END'
import sys
text = open(sys.argv[1]).read()
sys.stdout.write(text.replace("Hello, here it is.", "Hello, here it is.\n" * 20000))
END
through infected.rc "$T/messages/large"
is "$status $verdict $(grep -c 'Hello, here' "$file") $(grep -c bad.com "$file")" '0 clean 20000 1' \
    'a message that is held in a file'
conf=

# ---- the order of things ----
cat >"$T/keep.rc" <<'END'
:0
* scan:virus ?? .
{
	:0 c
	@quarantine $VIRUS

	:0
	@strip

	:0
	* scan:virus ?? .
	@tag X-Scan: infected
	:0 E
	@tag X-Scan: clean [$VIRUS]
}
END
through keep.rc "$T/cases/plain.eml"
is "$status $outcome $(has X-Scan)" '0 delivered clean []' 'selectors behind it see the new message'
kept=$(basename "$H"/quarantine/*.eml .eml)
sed 1d "$H/quarantine/$kept.eml" >"$T/kept"
same "$T/kept" "$T/cases/plain.eml" 'a copy went to the quarantine as it came' ||
	diag "$log"
ok 'and the note has its name' grep -q "$kept" "$file"

cat >"$T/tag.rc" <<'END'
:0
* scan:virus ?? .
@tag X-Longer: a field that moves all that stands behind it

:0
@strip
END
through tag.rc "$T/cases/plain.eml"
sed '/^X-Longer: /d' "$file" >"$T/result"
python3 "$cases" check "$T/cases/plain.eml" "$T/cases/plain.gone" "$T/result" >"$T/note"
is $? 0 'a header that was edited in between' || diag "$(cat "$T/note")"

# ---- by name ----
cat >"$T/name.rc" <<'END'
:0
@strip [.](exe|js)$
END
for name in run.exe RUN.EXE 'x.exe"; x="y' '=?utf-8?Q?run=2Eexe?='; do
	through name.rc "$(attach "$name" /bin/sh)"
	is "$status $outcome $(grep -c '^A part of this message was removed' "$file")" \
	    '0 delivered 1' "a part called $name is taken out" || diag "$log"
done
through name.rc "$(attach run.csv /bin/sh)"
same "$file" "$T/messages/attach" 'one with another name stays'
for expression in '*.exe' '[.exe' '(exe' 'exe)'; do
	printf ':0\n@strip %s\n' "$expression" >"$T/wrong.rc"
	through wrong.rc "$(attach run.exe /bin/sh)"
	is "$status" 75 "an expression with a mistake in it defers: $expression"
	ok 'and file, line and place are said' \
	    grep -q "why=.*wrong.rc:1: @strip: .*, at character [0-9]" "$T/log"
done
through name.rc "$T/cases/plain.eml"
same "$file" "$T/cases/plain.eml" 'an infected one, too, if its name is not asked for'
{
	printf 'From: a\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n'
	printf 'Content-Disposition: attachment;\n filename*=UTF-8%s%%E2%%80%%AEtxt.exe%%0Aa\n' "''"
	printf '\nMZ\n--b--\n'
} >"$T/messages/rtl"
cat >"$T/rtl.rc" <<'END'
:0
@strip [.]exe
END
through rtl.rc "$T/messages/rtl"
ok 'a name that turns the text around is spelled out' \
    grep -q '^Name: *<U+202E>txt.exe a$' "$file" || diag "$(cat "$file")"
cp "$file" "$T/messages/again"
through rtl.rc "$T/messages/again"
same "$file" "$T/messages/again" 'a note is not taken out again'
printf 'From: a\nContent-Type: text/plain; name=a.exe\n\nMZ\n' >"$T/messages/whole"
through rtl.rc "$T/messages/whole"
is "$status $(grep -c a.exe "$file") $(has Content-Type)" '0 1 text/plain; charset=us-ascii' \
    'a message that is nothing but an attachment'

# ---- in the recipient's words ----
cat >"$T/template" <<'END'
%?vInfiziert: %v.
%!vName: %n, Muster %p
--bnd--
%?qnever
Grüße, 100%% für %r
END
chmod 644 "$T/template"
conf="strip_template = $T/template"
through name.rc "$(attach "a ü.exe" /bin/sh)" RECIPIENT=bob
python3 - "$file" >"$T/text" <<'END'
import email, sys
message = email.message_from_bytes(open(sys.argv[1], "rb").read())
sys.stdout.buffer.write(message.get_payload()[1].get_payload(decode=True) + b"\n")
END
cat >"$T/wanted" <<END
Name: a ü.exe, Muster [.](exe|js)$
--bnd--
Grüße, 100% für $(as_user id -un)
END
same "$T/text" "$T/wanted" 'a template of the site'
conf="strip_template = $T/nowhere"
through name.rc "$(attach a.exe /bin/sh)"
is "$status" 75 'a template that is not there defers the mail'
conf=

# ---- when it cannot be done ----
mkdir "$T/empty"
database=$T/empty
through infected.rc "$T/cases/plain.eml"
is "$status" 75 'without signatures the mail is deferred'
like "$log" 'signatures' 'and the reason is said'
through name.rc "$(attach a.exe /bin/sh)"
is "$status $(grep -c '^A part of this' "$file")" '0 1' 'names need no signatures'
unset database

done_testing
