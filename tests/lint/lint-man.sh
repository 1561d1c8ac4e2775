#!/bin/sh
# lint-man.sh [ROOT]: the manual pages are correct mdoc(7).
cd "${1:-.}" || exit 1
command -v mandoc >/dev/null || { echo "no mandoc here"; exit 77; }
set -- doc/*.[1578]
[ -f "$1" ] || { echo "no manual pages"; exit 77; }
mandoc -T lint -W warning "$@" | sed 's/^mandoc: //'
! mandoc -T lint -W warning "$@" | grep -q .
