#!/bin/sh
# What fuzzing has found and learnt: each target takes every file of its corpus, with sanitizers.
. "$(dirname "$0")/../lib/tap.sh"

need clang pkg-config ar
printf 'int main(void) { return 0; }\n' >"$T/probe.c"
clang -fsanitize=address,undefined -o "$T/probe" "$T/probe.c" 2>/dev/null ||
	skip_all "clang has no sanitizers here (Debian: libclang-rt-14-dev)"
pkg-config --exists gmime-3.0 libxml-2.0 || skip_all "no GMime"

replay=$T/replay
ok 'the targets build' sh "$TOP/tests/fuzz/build.sh" "$replay" replay
for corpus in "$TOP"/tests/fuzz/corpus/*/; do
	target=$(basename "$corpus")
	ok "$target: $(find "$corpus" -type f | wc -l) inputs" \
	    timeout 250 "$replay/fuzz-$target" "$corpus"*
done
ok 'every target has a corpus' sh -c 'for f in "$0"/fuzz-*.c; do
	t=${f##*/fuzz-}; test -d "$0/corpus/${t%.c}" || exit 1; done' "$TOP/tests/fuzz"
done_testing
