#!/bin/sh
# deps.sh NEEDED... [-- WANTED...]: Debian packages.  Says which are missing and the line that
# installs them.  Root gets them installed; anybody else may go on without the WANTED ones.
set -eu

missing() {
	for p; do
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" = installed ] ||
		    printf ' %s' "$p"
	done
}

needed='' wanted='' list=needed
for p; do
	case $list$p in
	*--) list=wanted ;;
	needed*) needed="$needed $p" ;;
	wanted*) wanted="$wanted $p" ;;
	esac
done

if ! command -v dpkg-query >/dev/null; then
	echo "Not a Debian system: this cannot look for what is needed, which Debian calls:$needed"
	[ -z "$wanted" ] || echo "and for all tests:$wanted"
	exit 0
fi

# shellcheck disable=SC2086  # lists of words
needed=$(missing $needed) wanted=$(missing $wanted)
[ -n "$needed$wanted" ] || exit 0

line="apt-get install --no-install-recommends$needed$wanted"
echo "Debian packages that are missing:$needed$wanted"
if [ "$(id -u)" -ne 0 ]; then
	echo "Install them with this line, as root:"
	echo "    $line"
	[ -z "$needed" ] && echo "Going on without; some tests will be left out." && exit 0
	exit 1
fi
echo "Installing them now:"
echo "    $line"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086
if ! { apt-get update && ${line%% *} -y ${line#* }; } >"$log" 2>&1 </dev/null; then
	tail -n 20 "$log"
	echo "That failed; install them by hand and try again." >&2
	exit 1
fi
