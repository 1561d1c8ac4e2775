#!/bin/sh
# files.t: what the packages bring besides programs, as far as the tools for it are here: the
# AppArmor profile against the parser and against what the scanner opens, the spec file, the
# PKGBUILD, and what the three packages and the Makefile say of each other.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
cd "$TOP" || exit 1
profile=doc/packaging/apparmor/usr.libexec.bivalve.bivalve-scan

# ---- AppArmor ----
if [ -x /usr/sbin/apparmor_parser ] || command -v apparmor_parser >/dev/null; then
	PATH=$PATH:/usr/sbin
	ok "apparmor_parser understands the profile" apparmor_parser -QTK "$profile"
else
	skip "apparmor_parser understands the profile" "no apparmor_parser here"
fi

# opens: from strace's lines, as tests/packaging/aa-opens.py wants them, where an installed scanner
# would have its files
opens() {
	sed -n 's/^\([0-9]* *\)\{0,1\}\(open\|openat\)([^"]*"\([^"]*\)", \([A-Z_|]*\).*/\4 \3/p
		s/^\([0-9]* *\)\{0,1\}\(unlink\|chmod\)(.*"\([^"]*\)".*/O_WRONLY \3/p
		s/^\([0-9]* *\)\{0,1\}\(mkdir\|rmdir\)(.*"\([^"]*\)".*/O_WRONLY|O_DIRECTORY \3/p' "$1" |
	    sed "s,/proc/self/,/proc/1/,; s,$T/db,/var/lib/clamav,; s,$T/tmp,/tmp,; s,$T/scanner,/usr/libexec/bivalve/bivalve-scan," |
	    awk '
		$1 ~ /O_PATH/ { next }          # no file is read that way
		/O_DIRECTORY/ && $2 !~ /\/$/ { $2 = $2 "/" }
		{ want = $1 ~ /O_RDWR/ ? "rw" : $1 ~ /O_WRONLY/ ? "w" : "r"
		  if ($2 ~ /\.so(\.[0-9.]*)?$/) want = want "m"
		  print want, $2 }' | sort -u
}

# shellcheck disable=SC2154  # tap.sh has it
user=$tap_user strace=$(command -v strace)
if [ -x "$B/bivalve-scan" ] && [ -n "$strace" ] && [ -z "${SAN-}" ] && [ -d /etc/apparmor.d/abstractions ] &&
    [ "$(id -u)" -eq 0 ] && [ -n "${COMPILE-}" ] && command -v python3 >/dev/null &&
    "$strace" -o /dev/null true 2>/dev/null; then
	# shellcheck disable=SC2086  # a list
	$COMPILE -Isrc -o "$T/ask" tests/scan/ask.c src/base/*.c src/core/fail.c src/core/report.c >&2
	mkdir "$T/db" && cp recipes/signatures/*.?db "$T/db" && cp "$B/bivalve-scan" "$T/scanner"
	user_dir "$T/tmp"
	# A character set that needs a module, a part that is unpacked.
	{
		printf 'From: a@example.org\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n'
		printf -- '--b\nContent-Type: text/html; charset=iso-2022-jp\n\n<p>text</p>\n'
		printf -- '--b\nContent-Type: application/gzip\nContent-Transfer-Encoding: base64\n\n'
		echo text | gzip | base64
		printf -- '--b--\n'
	} >"$T/message"
	# Not as the user himself: the scanner keeps such from reading its memory.
	"$strace" -u "$user" -f -o "$T/trace" -e trace=file "$T/ask" MS "$T/message" "$T/scanner" \
	    --database "$T/db" --temp-dir "$T/tmp" >"$T/answer" 2>&1
	like "$(cat "$T/answer")" "^status: clean" "a scan under strace"
	# From the scanner's own first system call on.
	awk -v path="$T/scanner" '
		index($0, "execve(\"" path "\"") { pid[$1] = 1; next }
		$1 in pid' "$T/trace" >"$T/scan"
	opens "$T/scan" >"$T/opens"
	like "$(cat "$T/opens")" "^rm? /var/lib/clamav/bivalve-test.ndb" "what it opens is known"
	is "$(python3 tests/packaging/aa-opens.py "$profile" <"$T/opens")" "" "the profile lists all of it"
	printf 'r /etc/shadow\nw /var/lib/clamav/x.ndb\n' >"$T/opens"
	is "$(python3 tests/packaging/aa-opens.py "$profile" <"$T/opens" | wc -l)" 2 "and not more"
else
	skip "the profile lists what the scanner opens" "needs root, strace, apparmor's abstractions, python3"
fi

# ---- the spec file ----
spec=doc/packaging/rpm/bivalve.spec
if command -v rpmspec >/dev/null; then
	ok "rpmspec understands the spec file" rpmspec -q "$spec"
else
	skip "rpmspec understands the spec file" "no rpmspec here"
fi
if command -v rpmlint >/dev/null; then
	like "$(rpmlint "$spec" 2>&1 | tail -n 1)" ' 0 errors' "rpmlint finds no error in it"
else
	skip "rpmlint finds no error in it" "no rpmlint here"
fi

# ---- the PKGBUILD ----
pkgbuild=doc/packaging/arch/PKGBUILD
ok "bash understands the PKGBUILD" bash -n "$pkgbuild"
if command -v shellcheck >/dev/null; then
	# Its variables are for makepkg, and come from there.
	ok "shellcheck has nothing to say of it" shellcheck -s bash -e SC2034,SC2154,SC2164 "$pkgbuild"
else
	skip "shellcheck has nothing to say of it" "no shellcheck here"
fi
if command -v makepkg >/dev/null; then
	mkdir "$T/arch" && cp "$pkgbuild" "$T/arch" && user_dir "$T/arch"
	like "$(cd "$T/arch" && as_user makepkg --printsrcinfo 2>&1)" 'pkgname = bivalve' "makepkg reads it"
else
	skip "makepkg reads it" "no makepkg here"
fi

# ---- make install ----
list() {
	echo "0644 root:root /usr/local/lib/systemd/system $(echo recipes/systemd/*)"
	echo "0644 root:root /usr/share/sendmail/cf/feature $(echo recipes/sendmail/*.m4)"
	echo "0644 root:root /usr/local/share/bivalve/recipes recipes/default.rc"
}
list | DESTDIR=$T/root BINDIR=/usr/local/bin SBINDIR=/usr/local/sbin sh tests/lib/install.sh install >"$T/list"
is "$(grep -rhoE '/usr/(local/)?s?bin/bivalve[a-z]*' "$T/root/usr/local/lib" "$T/root/usr/share" | sort -u | tr '\n' ' ')" \
    "/usr/local/bin/bivalve /usr/local/bin/bivalvectl /usr/local/sbin/bivalved " \
    "with another PREFIX units and m4 files name the programs there"
same "$T/root/usr/local/share/bivalve/recipes/default.rc" recipes/default.rc "and nothing else is changed"
is "$(wc -l <"$T/list")" "$(find "$T/root" -type f | wc -l)" "each file is said"
list | DESTDIR=$T/root sh tests/lib/install.sh uninstall
is "$(find "$T/root" -type f)" "" "uninstall takes the same files away"
is "$(find "$T/root" -name bivalve)" "" "and the directories that are bivalve's"

# ---- units ----
# Debian's smallest systems have no /bin/kill.
is "$(sed -n 's/^Exec[A-Za-z]*=[-@:+!]*\([^ ]*\).*/\1/p' recipes/systemd/* | sort -u | tr '\n' ' ')" \
    "/bin/sh /usr/bin/bivalvectl /usr/sbin/bivalved " "units start what is there: our programs, and sh"

# systemd holds sockets in RuntimeDirectory, which must outlive the service.
like "$(cat recipes/systemd/bivalved.service)" '^RuntimeDirectoryPreserve=yes' "the sockets stay where bivalved stops"

# ---- every library that is linked is asked for ----
for package in db5.3 c-ares idn2 cdb clamav gmime-3.0 seccomp xml2; do
	like "$(sed -n '/^Build-Depends/,/^[A-Z]/p' doc/packaging/debian/control)" "lib$package-dev" \
	    "Debian's control file asks for lib$package-dev, as the Makefile does"
done
for package in libdb-devel c-ares-devel libidn2-devel tinycdb-devel libclamav gmime-3.0 libseccomp libxml-2.0; do
	like "$(grep '^BuildRequires' $spec)" "$package" "the spec file asks for $package"
done
for package in db5.3 c-ares libidn2 tinycdb clamav gmime3 libseccomp libxml2; do
	like "$(grep '^depends' $pkgbuild)" "[( ]${package}[ )]" "the PKGBUILD asks for $package"
done
not_ok "the packages' configuration leaves users who deliver their own mail a quarantine" \
    grep -q '^quarantine' "$TOP/doc/packaging/debian/bivalve.conf"
done_testing
