#!/bin/sh
# flatten.t: what @flatten writes, GMime, Python and libclamav read alike; what need not be written
# anew stays as it is.
# shellcheck disable=SC2034,SC2154  # set by, and for, deliver.sh
objects=${B:-build/cc}
. "$(dirname "$0")/../lib/tap.sh"
need python3 pkg-config base64
. "$(dirname "$0")/../recipes/deliver.sh"
case $objects in
/*) ;;
*) objects=$TOP/$objects ;;
esac
here=$TOP/tests/mime

# driver NAME: builds $T/NAME
driver() {
	# shellcheck disable=SC2046,SC2086  # COMPILE and the libraries are lists
	${COMPILE:-cc -std=gnu11 -D_GNU_SOURCE -I$TOP/src} -I"$TOP/src" \
	    $(pkg-config --cflags gmime-3.0) ${SAN:+-fsanitize=$SAN} -o "$T/$1" "$here/$1.c" \
	    "$objects"/mime/*.o "$objects"/scan/*.o "$objects"/core/*.o "$objects"/base/*.o \
	    -pie $(pkg-config --libs gmime-3.0 libxml-2.0 libclamav) >&2
}
cd "$TOP" || exit 1
for name in flatten-driver raw-scan; do
	driver $name || skip_all "$name does not compile"
done

# ---- every family of ambiguity, by the library alone ----
mkdir "$T/amb" "$T/tmp"
python3 "$here/gen-ambiguous" "$T/amb" >&2
cd "$T/amb" || exit 1
all=$(find . -name '*.eml' | wc -l)
"$T/flatten-driver" ./*.eml >"$T/said" 2>&1
is $? 0 "$all ambiguous messages are written anew"
is "$(cat "$T/said")" '' 'each is one tree, and stays the same the second time' ||
	diag "$(head -n 20 "$T/said")"
python3 "$here/flatten-trees" ./*.eml >"$T/trees"
is $? 0 'GMime and Python see the same parts with the same contents' ||
	diag "$(grep -v '^shows ' "$T/trees" | head -n 20)"
sed -n 's/^shows //p' "$T/trees" | sort >"$T/shown"
shown=$(wc -l <"$T/shown" | tr -d ' ')
is "$((shown * 100 >= all * 97))" 1 "what is hidden is a part now: $shown of $all"
"$T/raw-scan" "$T/signatures" "$T/tmp" ./*.flat | sort >"$T/found"
is "$(comm -23 "$T/shown" "$T/found" | head -n 5)" '' 'and libclamav by itself finds each of them'
cd "$TOP" || exit 1

# ---- in a delivery ----
cat >"$T/flat.rc" <<'END'
:0
@flatten
:0 a
* mime:defect ?? .
@tag X-Defect: yes
END
for name in plain attachments german html list bounce pgp smime encrypted; do
	through flat.rc "$(message $name)"
	same "$file" "$T/messages/$name" "$name is as it came"
done
through flat.rc "$(message malformed)"
is "$status $outcome [$(has X-Defect)]" '0 delivered []' 'malformed: written anew, without defects'
not_ok 'malformed: not as it came' cmp -s "$file" "$T/messages/malformed"
sed -n '1,/^$/{/^Content-/d;/^MIME-/d;/^[ 	]*boundary=/d;p}' "$file" >"$T/head"
sed -n '1,/^$/{/^Content-/d;/^MIME-/d;/^[ 	]*boundary=/d;p}' "$T/messages/malformed" >"$T/head.wanted"
same "$T/head" "$T/head.wanted" 'malformed: the other fields are as they came'
cp "$file" "$T/messages/again"
through flat.rc "$T/messages/again"
same "$file" "$T/messages/again" 'malformed: the second time nothing changes'

cat >"$T/both.rc" <<'END'
:0
* scan:virus ?? .
{
	:0
	@flatten

	:0
	@strip
}
END
for name in D6-01 D5-01 H1-01 B1-02; do
	through both.rc "$T/amb/$name-eicar.eml"
	is "$status $outcome $verdict" '0 delivered clean' "$name: flat, without what is infected" ||
		diag "$log"
done
database=$T/nowhere
through flat.rc "$(message malformed)"
is "$status [$(has X-Defect)]" '0 []' 'no signatures are needed'
unset database

done_testing
