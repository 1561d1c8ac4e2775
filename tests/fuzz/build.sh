#!/bin/sh
# tests/fuzz/build.sh DIR [replay]: builds every fuzz target into DIR with clang, ASan and UBSan.
# Run one:  DIR/fuzz-mime -max_len=65536 -timeout=5 NEW-DIR tests/fuzz/corpus/mime
# With "replay" a main takes the place of libFuzzer that gives a target the files it is named.
set -eu

dir=${1:?"usage: build.sh DIR [replay]"} mode=${2-fuzz}
cd "$(dirname "$0")/../.."
rm -rf "$dir/objects"
mkdir -p "$dir/objects"
dir=$(cd "$dir" && pwd)
objects=-fsanitize=fuzzer-no-link link=-fsanitize=fuzzer main=
[ "$mode" = fuzz ] || objects='' link='' main=tests/fuzz/replay.c
cat >"$dir/flags" <<FLAGS
-std=c11 -g -O1 -Wall -Wextra -Werror -fno-omit-frame-pointer -pthread
-fsanitize=address,undefined -fno-sanitize-recover=all $objects
-Isrc -Itests/fuzz -D_GNU_SOURCE -include base/banned.h -DSYSCONFDIR=\\"/etc\\" -DSTATEDIR=\\"/var/lib/bivalve\\"
-DLIBEXECDIR=\\"/usr/libexec/bivalve\\" -DVERSION=\\"fuzz\\"
$(pkg-config --cflags gmime-3.0 libxml-2.0)
FLAGS
# What fuzz-wire includes, or plays itself, may not be there twice.
proc=$(printf '%s\n' src/proc/*.c | grep -vE '/(engines|helper|pool|recipient|scanuser|users)\.c')
for f in src/base/*.c src/core/*.c src/recipe/*.c src/mail/*.c src/formail/*.c src/mime/*.c \
    src/lmtp/*.c src/list/*.c $proc tests/fuzz/slowregex.c; do
	printf '%s\n' "$f" "$dir/objects/$(printf '%s' "${f#src/}" | tr / -).o"
done | xargs -P 2 -n 2 sh -c 'exec clang "@$0" -c "$1" -o "$2"' "$dir/flags"
# A linker takes from an archive only what a target uses.
rm -f "$dir/all.a"
ar rcs "$dir/all.a" "$dir"/objects/*.o
for f in tests/fuzz/fuzz-*.c; do
	# shellcheck disable=SC2046,SC2086
	clang "@$dir/flags" $link -o "$dir/$(basename "$f" .c)" "$f" $main "$dir/all.a" \
	    $(pkg-config --libs gmime-3.0 libxml-2.0) -lm -ldb -lcdb
done
