/*
 * param.h - what follows the path of MAIL and RCPT: SIZE (RFC 1870), BODY (RFC 6152), SMTPUTF8 (RFC
 * 6531), RET, ENVID, NOTIFY and ORCPT (RFC 3461).  All but SIZE are read for their syntax only: the
 * MTA in front of us makes the notifications.
 */
#ifndef LMTP_PARAM_H
#define LMTP_PARAM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

enum param_end {
	PARAM_GOOD,
	PARAM_UNKNOWN,   /* a keyword that LHLO did not offer */
	PARAM_BAD        /* a known one with a value that it cannot have */
};

/* The parameters of MAIL. *size_r: what SIZE says, 0 without. */
enum param_end param_mail(struct bytes text, uint64_t *size_r);
enum param_end param_rcpt(struct bytes text);

#endif
