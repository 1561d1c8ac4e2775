#!/bin/sh
# lint-linkage.sh [ROOT]: the delivery agent and the tools need the C library and nothing else at
# run time.
cd "${1:-.}" || exit 1
B=${B:-build/cc}
command -v readelf >/dev/null || { echo "no readelf here"; exit 77; }

bad=0 seen=0
for program in bivalve bivalvectl; do
	[ -f "$B/$program" ] || continue
	seen=1
	for library in $(readelf -d "$B/$program" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
		case $library in
		libc.so.* | ld-linux*) ;;
		*)
			echo "$B/$program:1: needs $library: only bivalve-scan may need it"
			bad=1
			;;
		esac
	done
done
[ $seen -eq 1 ] || { echo "no program is built yet"; exit 77; }
exit $bad
