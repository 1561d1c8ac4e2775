#!/bin/sh
# attachments.t: dangerous attachments, by name, by the names in archives, by contents.
# shellcheck disable=SC2034,SC2154  # set by, and for, deliver.sh
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/deliver.sh"

line_of() {
	awk -v text="$1" '/^:0/ { line = FNR } index($0, "* " text) == 1 { print line }' \
	    "$TOP/recipes/attachments.rc"
}
by_name=attachments.rc:$(line_of mime:name)
by_member=attachments.rc:$(line_of scan:name)
by_type=attachments.rc:$(line_of scan:type)

for name in plain attachments document encrypted; do
	through attachments.rc "$(message $name)"
	is "$status $outcome" '0 delivered' "$name is delivered"
done

for name in run.exe 'photo.jpg.SCR' 'report.pif .' 'run.exe..'; do
	through attachments.rc "$(attach "$name" "$T/attachments/figures.csv")"
	is "$status $outcome $rule" "0 quarantined $by_name" "an attachment called \"$name\""
done

through attachments.rc "$(attach '=?utf-8?Q?run=2Eexe?=' "$T/attachments/figures.csv")"
is "$outcome $rule" "quarantined $by_name" 'an encoded name'

through attachments.rc "$(attach exe.csv "$T/attachments/figures.csv")"
is "$outcome" delivered 'a harmless name that begins like a bad one'

samples_zip "$T/in.zip" 0 tool.exe "$T/attachments/figures.csv"
samples_zip "$T/out.zip" 0 in.zip "$T/in.zip"
through attachments.rc "$(attach out.zip "$T/out.zip" application/zip)"
is "$outcome $rule" "quarantined $by_member" 'a name in an archive in an archive'

samples_zip "$T/locked.zip" 1 tool.exe "$T/attachments/figures.csv"
through attachments.rc "$(attach locked.zip "$T/locked.zip" application/zip)"
is "$outcome $rule" "quarantined $by_member" 'a name in an encrypted archive'

cp /bin/true "$T/program"
through attachments.rc "$(attach notes.txt "$T/program" text/plain)"
is "$outcome $rule" "quarantined $by_type" 'a program that calls itself a text'

done_testing
