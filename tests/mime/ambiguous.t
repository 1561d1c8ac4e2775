#!/bin/sh
# ambiguous.t: every trick of gen-ambiguous that hides the test file is found or flagged.
# shellcheck disable=SC2034  # for rate.sh
objects=${B:-build/cc}
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/rate.sh"

need python3 column pkg-config
rate_hold eicar
done_testing
