# deliver.sh - for the tests of recipes: one message through one recipe file, as users have it.
# Include it behind tap.sh.
#
#	through RECIPE MESSAGE [NAME=value...]   delivers into a new home, fills the following
#	                                         ($conf: more lines for bivalve.conf)
#	$status $rule $outcome $verdict          exit status; what the log line says (rule: the line)
#	$folder                                  where, below the home
#	$file                                    the delivered message, or what the quarantine holds
#	$log                                     all that was said
#	message NAME                             path of a message of tests/demo/messages
#	attach NAME FILE [TYPE]                  makes one with that attachment
#	mail FILE [FIELD...]                     makes a plain one with these header lines
#	has FIELD                                the delivered message's field of that name
# shellcheck shell=sh disable=SC2034

. "$TOP/tests/demo/samples.sh"
unset CLIENT SENDER RECIPIENT MATCH VIRUS

[ -x "$B/bivalve" ] || skip_all "no bivalve was built"
[ -x "$B/bivalve-scan" ] || skip_all "no bivalve-scan was built"

# An ordinary user may not be able to read the checkout.
mkdir "$T/bin" "$T/attachments" "$T/messages"
cp "$B/bivalve" "$B/bivalve-scan" "$T/bin"
cp -R "$TOP/recipes/signatures" "$T/signatures"
cp "$TOP"/recipes/*.rc "$T"
samples_attachments "$T/attachments"
deliveries=0

message() {
	samples_message "$TOP/tests/demo/messages/$1.eml" "$T/attachments" >"$T/messages/$1"
	echo "$T/messages/$1"
}

mail() {
	mail_file=$T/messages/$1
	shift
	{
		printf '%s\n' 'From: a@example.org' 'To: b@example.net' 'Subject: test' "$@"
		printf '\nHello.\n'
	} >"$mail_file"
	echo "$mail_file"
}

# attach NAME FILE [TYPE]: makes a message with that attachment
attach() {
	{
		printf '%s\n' 'From: a@example.org' 'To: b@example.net' 'Subject: test' \
		    'MIME-Version: 1.0' 'Content-Type: multipart/mixed; boundary=xyz' '' \
		    --xyz 'Content-Type: text/plain' '' 'Hello.' --xyz \
		    "Content-Type: ${3-application/octet-stream}" \
		    'Content-Transfer-Encoding: base64' \
		    "Content-Disposition: attachment; filename=\"$1\"" ''
		base64 <"$2"
		echo --xyz--
	} >"$T/messages/attach"
	echo "$T/messages/attach"
}

through() {
	recipe=$1 input=$2
	shift 2
	deliveries=$((deliveries + 1))
	H=$T/home$deliveries
	user_dir "$H"
	user_dir "$H/lists"
	cat >"$T/bivalve.conf" <<-END
		database = ${database-$T/signatures}
		temp_dir = $H
		spool_dir = $H
		quarantine = $H/quarantine
		site_recipes =
		${conf-}
	END
	status=0
	as_user "$T/bin/bivalve" --verbose --config "$T/bivalve.conf" -f s@example.org HOME="$H" MAILDIR="$H" \
	    DEFAULT="$H/inbox/" ORGMAIL="$H/inbox/" LOGABSTRACT=no "$@" "$T/$recipe" \
	    <"$input" >"$T/out" 2>"$T/log" || status=$?
	log=$(cat "$T/log")
	rule=$(said rule)
	rule=${rule##*/}
	outcome=$(said outcome) verdict=$(said scan) folder=$(said folder)
	folder=${folder#"$H"/}
	folder=${folder%/new/*}
	case $outcome in
	quarantined) file=$(echo "$H"/quarantine/*.eml) ;;
	*) file=$(find "$H" -path '*/new/*' -type f) ;;
	esac
}

said() {
	sed -n "s/^bivalve: .*from=<.* $1=\([^ ]*\).*/\1/p" "$T/log" | tail -n 1
}

has() {
	sed -n "1,/^\$/s/^$1: //p" "$file"
}
