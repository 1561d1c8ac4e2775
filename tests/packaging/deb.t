#!/bin/sh
# deb.t: one version everywhere; with DEB=1 (make check-deb) the Debian packages are built, installed
# on a bare system, used, and purged. That takes some minutes and the network.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
here=$(cd "$(dirname "$0")" && pwd)
cd "$TOP" || exit 1

version=$(sed -n 's/^VERSION *:= *//p' Makefile)
is "$(sed -n '1s/.*(\(.*\)).*/\1/p' doc/packaging/debian/changelog)" "$version" "version: Debian's changelog"
is "$(sed -n 's/^## //p' doc/CHANGELOG.md | head -n 1)" "$version" "version: doc/CHANGELOG.md"
is "$(sed -n 's/^Version: *//p' doc/packaging/rpm/bivalve.spec)" "$version" "version: the spec file"
is "$(sed -n 's/^pkgver=//p' doc/packaging/arch/PKGBUILD)" "$version" "version: the PKGBUILD"
[ ! -x "$B/bivalvectl" ] || is "$("$B/bivalvectl" --version)" "bivalvectl $version" "version: the programs"

if command -v systemd-analyze >/dev/null; then
	mkdir "$T/units"
	for unit in recipes/systemd/*; do
		sed "s,^ExecStart=[^ ]*,ExecStart=/bin/true,; /^Documentation/d" "$unit" \
		    >"$T/units/${unit##*/}"
	done
	is "$(systemd-analyze verify "$T"/units/*.service "$T"/units/*.timer 2>&1)" "" "systemd understands the units"
else
	skip "systemd understands the units" "no systemd-analyze here"
fi

if [ -z "${DEB-}" ]; then
	skip "packages on a bare system" "takes minutes: make check-deb"
	done_testing
	exit 0
fi
for command in dh dpkg-buildpackage mmdebstrap; do
	command -v $command >/dev/null || {
		skip "packages on a bare system" "no $command here"
		done_testing
		exit 0
	}
done
if [ "$(id -u)" -ne 0 ]; then
	skip "packages on a bare system" "not root"
	done_testing
	exit 0
fi

ok "make deb" make deb || { done_testing; exit 0; }
mkdir "$T/debs" && cp build/deb/bivalve_*.deb build/deb/bivalve-sendmail_*.deb "$T/debs/"
if command -v lintian >/dev/null; then
	lintian --allow-root "$T"/debs/*.deb >"$T/lintian" 2>&1
	is "$(grep '^[EW]:' "$T/lintian")" "" "lintian has nothing to say"
else
	skip "lintian" "no lintian here"
fi
# shellcheck source=tests/demo/samples.sh
. "$TOP/tests/demo/samples.sh"
mkdir "$T/a"
samples_attachments "$T/a"
for m in "$TOP"/tests/demo/messages/*.eml; do
	samples_message "$m" "$T/a" >"$T/debs/${m##*/}"
done
cp "$here/on-bare-system" "$T/debs/trial"
mmdebstrap --mode=root --variant=apt --include=adduser --quiet \
    --customize-hook="copy-in $T/debs /srv" \
    --customize-hook='chroot "$1" sh /srv/debs/trial >&2' \
    --customize-hook="copy-out /srv/result $T" bookworm /dev/null >"$T/log" 2>&1
if [ ! -f "$T/result" ]; then
	tail -n 40 "$T/log" | sed 's/^/# /'
	ok "a bare system" false
else
	while read -r word text; do
		case $word in
		ok) tap_result 0 "$text" ;;
		not) tap_result 1 "$text" ;;
		*) echo "# $word $text" ;;
		esac
	done <"$T/result"
fi
done_testing
