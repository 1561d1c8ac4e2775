#!/bin/sh
# programs.t: programs are caught however they travel, and nothing else is.
# shellcheck disable=SC2034,SC2154  # set by, and for, deliver.sh
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/deliver.sh"

for name in plain attachments document encrypted; do
	through programs.rc "$(message $name)"
	is "$status $outcome" '0 delivered' "$name is delivered"
done
through programs.rc "$(attach 'exe.csv' "$T/attachments/figures.csv")"
is "$outcome" delivered 'a harmless name that begins like a bad one'

# caught DESCRIPTION MESSAGE
caught() {
	through programs.rc "$2"
	is "$status $outcome" '0 quarantined' "$1"
}

for name in run.exe 'photo.jpg.SCR' 'report.pif .' 'run.exe..' disk.iso page.hta; do
	caught "an attachment called \"$name\"" "$(attach "$name" "$T/attachments/figures.csv")"
done

# named FIELD...: a message with an attachment and these fields about it
named() {
	{
		printf '%s\n' 'From: a@example.org' 'To: b@example.net' 'MIME-Version: 1.0' \
		    'Content-Type: multipart/mixed; boundary=xyz' '' --xyz "$@" '' 'a,b' --xyz--
	} >"$T/messages/named"
	echo "$T/messages/named"
}

plain='Content-Type: text/csv; name=a.csv'
caught 'two names' "$(named "$plain" 'Content-Disposition: attachment; filename=a.exe')"
caught 'the other way round' "$(named 'Content-Type: text/csv; name=a.exe' \
    'Content-Disposition: attachment; filename=a.csv')"
caught 'two file names in one field' \
    "$(named "$plain" 'Content-Disposition: attachment; filename=a.csv; filename=a.exe')"
caught 'a plain and an extended one' "$(named "$plain" \
    "Content-Disposition: attachment; filename=a.csv; filename*=utf-8''a%2Eexe")"
caught 'pieces out of order' \
    "$(named "$plain" 'Content-Disposition: attachment; filename*1=.exe; filename*0=a')"
caught 'an encoded word' \
    "$(named "$plain" 'Content-Disposition: attachment; filename="=?utf-8?Q?a=2Eexe?="')"
caught 'behind an open quote' \
    "$(named "$plain" 'Content-Disposition: attachment; filename="a.exe')"
caught 'the direction of writing turned' "$(named "$plain" \
    "Content-Disposition: attachment; filename*=utf-8''a%E2%80%AEvsc.exe")"
caught 'a path' "$(named "$plain" 'Content-Disposition: attachment; filename="..\\..\\a.exe"')"

samples_zip "$T/in.zip" 0 tool.exe "$T/attachments/figures.csv"
samples_zip "$T/out.zip" 0 in.zip "$T/in.zip"
caught 'a name in an archive in an archive' "$(attach out.zip "$T/out.zip" application/zip)"
samples_zip "$T/locked.zip" 1 tool.exe "$T/attachments/figures.csv"
caught 'a name in an encrypted archive' "$(attach locked.zip "$T/locked.zip" application/zip)"

cp /bin/true "$T/program"
caught 'a program that calls itself a text' "$(attach notes.txt "$T/program" text/plain)"
attach notes.txt "$T/program" text/plain >"$T/path"
sed 's/^Content-Transfer-Encoding: base64/&, 7bit/' "$(cat "$T/path")" >"$T/messages/hidden"
caught 'one that only some mail programs decode' "$T/messages/hidden"
{
	sed -n '1,/^$/p' "$(cat "$T/path")"
	printf '%s\n' 'See below.' '' '--xyz--' ''
	sed -n '/^Content-Type: text.plain; *$/,$p; /filename=/,$p' "$(cat "$T/path")" |
	    sed '1i --xyz\nContent-Transfer-Encoding: base64'
} >"$T/messages/epilogue"
caught 'one behind the last delimiter' "$T/messages/epilogue"

done_testing
