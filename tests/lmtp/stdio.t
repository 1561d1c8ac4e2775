#!/bin/sh
# stdio.t: bivalve --lmtp for a user who is not root: the protocol, the mailbox, bad peers.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"

need python3
[ -x "$B/bivalve" ] || skip_all "bivalve is not built"
me=$(as_user id -un) || skip_all "no name for the user who runs the tests"
user_dir "$T/spool"
chmod 755 "$T/spool"
other=root
printf 'Subject: one\n\nbody\n.dot\n..two\n' >"$T/one"
cat >"$T/conf" <<X
site_recipes = $T/site.rc
mail_spool = $T/spool
spool_dir = $T/spool
spool_memory = 64
session_timeout = 2
max_recipients = 3
max_message_size = 1
database = $T/nosuch
X
cat >"$T/site.rc" <<X
DEFAULT=$T/spool/in
:0:
$T/spool/in
X
chmod 644 "$T/conf" "$T/site.rc" "$T/one"

# talk [OPTION...] <SCRIPT: what was said is in $T/said, the server's log in $T/log
talk() {
	cat >"$T/script"
	(cd "$T/spool" && as_user timeout 60 env -i PATH="$PATH" python3 "$TOP/tests/lmtp/peer.py" \
	    "$T/script" -- "$B/bivalve" --config "$T/conf" --lmtp "$@") >"$T/said" 2>"$T/log"
}

fresh() {
	rm -f "$T/spool"/*
}

# ---- one message
fresh
talk <<X
< 220
> LHLO peer.test
< 250
> MAIL FROM:<a@example.org> SIZE=100 BODY=8BITMIME
< 250 2.1.0
> RCPT TO:<$me> NOTIFY=NEVER
< 250 2.1.5
> DATA
< 354
data $T/one
< 250 2.0.0
> QUIT
< 221
eof
X
is $? 0 "a message is taken"
like "$(head -n 1 "$T/spool/in")" '^From a@example.org ' "the From_ line has the sender"
is "$(sed -n 2p "$T/spool/in")" 'Return-Path: <a@example.org>' "and so has Return-Path"
sed '1,2d;$d' "$T/spool/in" >"$T/got"
same "$T/got" "$T/one" "the rest is what was sent"
for word in 8BITMIME SMTPUTF8 ENHANCEDSTATUSCODES PIPELINING SIZE DSN; do
	like "$(cat "$T/said")" "^250[- ]$word" "LHLO offers $word"
done
not_ok "but not CHUNKING" grep -q CHUNKING "$T/said"

# ---- all in one piece, and a second message on the same connection
fresh
talk <<X
burst 4
> LHLO peer.test
> MAIL FROM:<>
> RCPT TO:<$me+some.Detail@example.org>
> DATA
< 220
< 250
< 250
< 250
< 354
burst 7
data $T/one
> RSET
> MAIL FROM:<"a b"@example.org>
> RCPT TO:<"$me">
> NOOP
> DATA
>- Subject: two\r\n\r\nx\r\n.\r\nQUIT\r\n
< 250
< 250
< 250
< 250
< 250
< 354
< 250
< 221
eof
X
is $? 0 "pipelining, null sender, detail, quoted local part, two messages"
is "$(grep -c '^From ' "$T/spool/in")" 2 "both are there"
ok "the null sender" grep -q '^Return-Path: <>$' "$T/spool/in"

# ---- UTF-8 (RFC 6531)
fresh
printf 'Subject: gr\303\274n\n\n\303\244\n' >"$T/utf8"
talk <<X
< 220
> LHLO peer.test
< 250
> MAIL FROM:<j\xc3\xb6rg@ex\xc3\xa4mple.org> SMTPUTF8 BODY=8BITMIME
< 250
> RCPT TO:<$me+gr\xc3\xbcn@ex\xc3\xa4mple.org>
< 250
> DATA
< 354
data $T/utf8
< 250
> QUIT
< 221
eof
X
is $? 0 "addresses in UTF-8"
ok "the sender is what was said" grep -q "^Return-Path: <$(printf 'j\303\266rg@ex\303\244mple.org')>\$" \
    "$T/spool/in"
ok "and so is the header" grep -q "^Subject: $(printf 'gr\303\274n')\$" "$T/spool/in"

# ---- recipients
cat >"$T/site.rc" <<X
LOGFILE=$T/spool/log
LOG="detail=\$DETAIL \$1 to=\$RECIPIENT from=\$SENDER client=\$CLIENT
"
:0
* ^Subject: reject
@reject not here
:0
* ^Subject: defer
@defer not now
DEFAULT=$T/spool/in
X
fresh
talk -c 192.0.2.7 -a given <<X
< 220
> LHLO p
< 250
> MAIL FROM:<s@x.test>
< 250
> RCPT TO:<$me>
< 250
> RCPT TO:<no-such-user-here>
< 550 5.1.1
> RCPT TO:<$other>
< 451 4.3.0
> RCPT TO:<$me+own>
< 250
> DATA
< 354
data $T/one
< 250
< 250
> RSET
< 421 4.3.2
X
is $? 0 "each recipient has a reply of his own; what -a says is of one message"
ok "-a and -c are the first one's" \
    grep -q "^detail=given given to=$me from=s@x.test client=192.0.2.7" "$T/spool/log"
ok "his own detail wins" \
    grep -q "^detail=own own to=$me+own from=s@x.test client=192.0.2.7" "$T/spool/log"
talk -c 192.0.2.7 <<X
< 220
> LHLO p
< 250
> MAIL FROM:<s@x.test>
< 250
> RCPT TO:<$me>
< 250
> DATA
< 354
data $T/one
< 250
> MAIL FROM:<s@x.test>
< 250
> RCPT TO:<$me>
< 250
> DATA
< 354
data $T/one
< 250
> QUIT
< 221
X
is $? 0 "without -a another message may follow"
ok "of which -c says nothing" \
    grep -q "^detail=  to=$me from=s@x.test client=\$" "$T/spool/log"
fresh
talk -c 192.0.2.7 -a given <<X
< 220
> LHLO p
< 250
> MAIL FROM:<first@x.test> SIZE=9999999
< 552
> MAIL FROM:<second@x.test>
< 250
> RCPT TO:<no-such-user-here>
< 550
> RCPT TO:<$me>
< 250
> DATA
< 354
data $T/one
< 250
> QUIT
< 221
X
is $? 0 "the first message is refused, and the first recipient of the next"
ok "their client and detail are nobody else's" \
    grep -q "^detail=  to=$me from=second@x.test client=\$" "$T/spool/log"

printf 'Subject: reject\n\n' >"$T/reject"
printf 'Subject: defer\n\n' >"$T/defer"
talk <<X
< 220
> LHLO p
< 250
> MAIL FROM:<s@x.test>
< 250
> RCPT TO:<$me>
< 250
> DATA
< 354
data $T/reject
< 550 5.7.1 not here
> MAIL FROM:<s@x.test>
< 250
> RCPT TO:<$me>
< 250
> DATA
< 354
data $T/defer
< 451 4.7.1 not now
> QUIT
< 221
X
is $? 0 "@reject is 550 5.7.1, @defer is 451 4.7.1, each with its text"
# The number in the Subject is the exit status that the recipe wants.
cat >"$T/site.rc" <<X
:0
* ^Subject: exit \/[0-9]+
{ EXITCODE=\$MATCH }
:0
$T/spool/in
X
fresh
{
	printf '< 220\n> LHLO p\n< 250\n'
	for wish in '67 550 5.1.1' '65 550 5.7.1' '69 550 5.7.1' '77 550 5.7.1' '78 550 5.7.1' \
	    '1 451 4.7.1' '71 451 4.7.1' '74 451 4.7.1' '75 451 4.7.1' '99 451 4.7.1' '0 250'; do
		printf 'Subject: exit %s\n\nbody\n' "${wish%% *}" >"$T/exit-${wish%% *}"
		printf '> MAIL FROM:<s@x.test>\n< 250\n> RCPT TO:<%s>\n< 250\n> DATA\n< 354\n' "$me"
		printf 'data %s\n< %s\n' "$T/exit-${wish%% *}" "${wish#* }"
	done
} | talk
is $? 0 "EXITCODE: no such user, refused, or temporary, also what has no meaning"
printf ':0:\n%s/spool/in\n' "$T" >"$T/site.rc"

# ---- limits
fresh
talk <<X
< 220
> LHLO p
< 250
> MAIL FROM:<s@x.test> SIZE=1048577
< 552 5.3.4
> MAIL FROM:<s@x.test>
< 250
> RCPT TO:<$me>
< 250
> RCPT TO:<$me+1>
< 250
> RCPT TO:<$me+2>
< 250
> RCPT TO:<$me+3>
< 452 4.5.3
> DATA
< 354
big 1200000
> .
< 552 5.3.4
< 552 5.3.4
< 552 5.3.4
> MAIL FROM:<s@x.test>
< 250
> RCPT TO:<$me>
< 250
> DATA
< 354
> Subject: large
> 
big 900000
> .
< 250
> QUIT
< 221
X
is $? 0 "too large is 552, too many recipients 452, and the connection goes on"
ok "a message over spool_memory is held in a file, and whole" \
    test -n "$(find "$T/spool/in" -size +850k)"
is "$(grep -c '^x*$' "$T/spool/in")" 11252 "no line of it is lost"

# ---- no smuggling
fresh
talk <<X
< 220
> LHLO p
< 250
> MAIL FROM:<s@x.test>
< 250
> RCPT TO:<$me>
< 250
> DATA
< 354
>- Subject: s\r\n\r\na\n.\nMAIL FROM:<evil@x.test>\r\nb\n.\r\nRCPT TO:<$me>\r\nc\r\n.\nDATA\r\n\r.\r\nd\r\n.\r\n
< 250
> NOOP
< 250 2.0.0 nothing done
> QUIT
< 221
X
is $? 0 "only CR LF . CR LF ends a message"
ok "the rest is text" grep -q '^MAIL FROM:<evil@x.test>$' "$T/spool/in"
fresh
printf 'LHLO p\nMAIL FROM:<s@x>\nRCPT TO:<%s>\nDATA\nSubject: lf\n\n..x\n.\nQUIT\n' "$me" |
    (cd "$T/spool" && as_user "$B/bivalve" --config "$T/conf" --lmtp) >"$T/said"
like "$(tail -n 1 "$T/said")" '^221 ' "a peer that ends lines with LF is understood"
ok "and its dots are" grep -q '^.x$' "$T/spool/in"

# ---- peers that are slow, silent, rude or gone
fresh
talk <<X
< 220
sleep 3
< 421 4.3.2
eof
X
is $? 0 "a silent peer is left with a 421"
talk <<X
< 220
> LHLO p
< 250
> MAIL FROM:<s@x.test>
< 250
> RCPT TO:<$me>
< 250
> DATA
< 354
> Subject: cut
> 
> text
shut
eof
X
is $? 0 "a peer that is gone within its message"
not_ok "leaves nothing" test -e "$T/spool/in"
talk <<X
< 220
> LHLO p
< 250
> MAIL FROM:<s@x.test>
< 250
> RCPT TO:<$me>
< 250
> DATA
< 354
data $T/one
gone
X
is $? 0 "one that is gone before the reply costs nothing else"
talk <<X
< 220
>- $(python3 -c 'print("A" * 70000)')
> 
< 500 5.5.2
>- \x00\x01\xff\r\n
< 500
> EHLO p
< 500
> GET / HTTP/1.0
< 500
> DATA
< 503
> LHLO p
< 250
> QUIT
< 221
X
is $? 0 "nonsense is answered and forgotten"
talk <<X
< 220
> LHLO p
< 250
signal TERM
< 421 4.3.2
eof
X
is $? 0 "told to end between two messages: 421"
talk <<X
< 220
> LHLO p
< 250
> MAIL FROM:<s@x.test>
< 250
> RCPT TO:<$me>
< 250
> DATA
< 354
signal TERM
data $T/one
< 250
< 421
eof
X
is $? 0 "told to end within one: it is delivered first"
done_testing
