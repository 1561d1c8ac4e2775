# samples.sh - messages with attachments that are not kept in the repository as they are: made when
# they are wanted, with what every system has.  The EICAR test string stands nowhere in one piece.
#
#	samples_attachments DIR          makes the attachments in DIR
#	samples_message TEMPLATE DIR     prints a message; a line @NAME@ becomes DIR/NAME in base64
# shellcheck shell=sh

# samples_number BYTES N: N in that many bytes, the lowest first.
samples_number() {
	samples_i=0 samples_n=$2 samples_text=
	while [ "$samples_i" -lt "$1" ]; do
		samples_text="$samples_text\\0$(printf %03o $((samples_n % 256)))"
		samples_n=$((samples_n / 256)) samples_i=$((samples_i + 1))
	done
	printf %b "$samples_text"
}

samples_size() {
	wc -c <"$1" | tr -d ' '
}

# samples_zip ARCHIVE FLAGS NAME FILE [NAME FILE]...: a zip archive.  gzip(1) makes the compressed
# bytes and the CRC.  FLAGS 1 says that members are encrypted; their bytes are then random.
samples_zip() {
	archive=$1 flags=$2 members=0
	shift 2
	: >"$archive"
	: >"$archive.list"
	while [ $# -gt 0 ]; do
		gzip -9nc <"$2" >"$archive.gz"
		packed=$(($(samples_size "$archive.gz") - 18 + flags * 12))
		{
			samples_number 2 20
			samples_number 2 "$flags"
			samples_number 2 8
			samples_number 4 1566130176
			tail -c 8 "$archive.gz" | head -c 4
			samples_number 4 "$packed"
			tail -c 4 "$archive.gz"
			samples_number 2 ${#1}
			samples_number 2 0
		} >"$archive.head"
		{
			printf 'PK\001\002'
			samples_number 2 20
			cat "$archive.head"
			samples_number 6 0
			samples_number 4 0
			samples_number 4 "$(samples_size "$archive")"
			printf %s "$1"
		} >>"$archive.list"
		{
			printf 'PK\003\004'
			cat "$archive.head"
			printf %s "$1"
			if [ "$flags" -eq 1 ]; then
				head -c "$packed" /dev/urandom
			else
				tail -c +11 "$archive.gz" | head -c "$packed"
			fi
		} >>"$archive"
		members=$((members + 1))
		shift 2
	done
	start=$(samples_size "$archive")
	cat "$archive.list" >>"$archive"
	{
		printf 'PK\005\006'
		samples_number 4 0
		samples_number 2 $members
		samples_number 2 $members
		samples_number 4 "$(samples_size "$archive.list")"
		samples_number 4 "$start"
		samples_number 2 0
	} >>"$archive"
	rm -f "$archive.gz" "$archive.head" "$archive.list"
}

samples_eicar() {
	printf '%s%s' 'X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-' 'ANTIVIRUS-TEST-FILE!$H+H*'
}

# A text document as word processors write it, without what makes it pretty.
samples_document() {
	xml='<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
	types='http://schemas.openxmlformats.org/package/2006/content-types'
	word='application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml'
	rels='http://schemas.openxmlformats.org/package/2006/relationships'
	office='http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument'
	main='http://schemas.openxmlformats.org/wordprocessingml/2006/main'

	printf '%s\n%s%s%s' "$xml" "<Types xmlns=\"$types\">" \
	    "<Default Extension=\"rels\" ContentType=\"application/xml\"/>" \
	    "<Override PartName=\"/word/document.xml\" ContentType=\"$word\"/></Types>" >"$1/types"
	printf '%s\n%s%s' "$xml" "<Relationships xmlns=\"$rels\"><Relationship Id=\"rId1\" " \
	    "Type=\"$office\" Target=\"word/document.xml\"/></Relationships>" >"$1/rels"
	printf '%s\n%s%s' "$xml" "<w:document xmlns:w=\"$main\"><w:body><w:p><w:r>" \
	    "<w:t>Minutes: all agreed.</w:t></w:r></w:p></w:body></w:document>" >"$1/document"
	samples_zip "$1/minutes.docx" 0 '[Content_Types].xml' "$1/types" _rels/.rels "$1/rels" \
	    word/document.xml "$1/document"
	rm -f "$1/types" "$1/rels" "$1/document"
}

samples_attachments() {
	samples_eicar >"$1/order.com"
	samples_zip "$1/inner.zip" 0 scan.com "$1/order.com"
	samples_zip "$1/scan.zip" 0 inner.zip "$1/inner.zip"
	printf 'month,amount\nOctober,42\nNovember,17\n' >"$1/figures.csv"
	samples_zip "$1/figures.zip" 1 figures.csv "$1/figures.csv"
	samples_document "$1"
}

samples_message() {
	LC_ALL=C awk -v dir="$2" '
		/^@[^@]+@$/ {
			command = "base64 -w 76 \"" dir "/" substr($0, 2, length($0) - 2) "\""
			while ((command | getline line) > 0)
				print line
			close(command)
			next
		}
		{ print }' "$1"
}
