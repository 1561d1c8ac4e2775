/*
 * fuzz-report.c - what a scanner that has been taken over may answer; and that an honest report
 * arrives as it was sent.
 */
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "core/report.h"
#include "fuzz.h"

#define WIRE_MAX 65536  /* bytes that surely fit into a socket without a reader */

static void
receive(const uint8_t *data, size_t size)
{
	struct fail why = { 0 };
	struct report r;
	int sock[2];

	fuzz_check(socketpair(AF_UNIX, SOCK_STREAM, 0, sock) == 0);
	fuzz_check(fd_write_all(sock[0], data, size) == 0);
	close(sock[0]);
	report_init(&r);
	if (report_receive(sock[1], &r, &why) < 0)
		fuzz_check(why.kind == FAIL_SCAN && why.text[0]);
	fuzz_check(r.status <= REPORT_ERROR);
	report_clear(&r);
	close(sock[1]);
}

static void
round_trip(struct bytes text)
{
	struct report sent, got;
	struct fail why = { 0 };
	int sock[2];

	report_init(&sent);
	report_init(&got);
	for (int i = 0; text.len; i++)
		report_add_once(&sent, (enum report_key)(i % REPORT_KEYS), fuzz_part(&text, '\n'));
	report_worse(&sent, REPORT_INFECTED, "found");
	report_worse(&sent, REPORT_ERROR, "broken");
	fuzz_check(socketpair(AF_UNIX, SOCK_STREAM, 0, sock) == 0);
	fuzz_check(report_send(sock[0], &sent) == 0);
	fuzz_check(report_receive(sock[1], &got, &why) == 0);
	fuzz_check(got.status == REPORT_INFECTED && strcmp(got.reason, sent.reason) == 0);
	for (int i = 0; i < REPORT_KEYS; i++)
		fuzz_check(got.lines[i].len == sent.lines[i].len &&
		    memcmp(got.lines[i].p, sent.lines[i].p, got.lines[i].len) == 0);
	report_clear(&sent);
	report_clear(&got);
	close(sock[0]);
	close(sock[1]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > WIRE_MAX)
		return 0;
	receive(data, size);
	round_trip(fuzz_bytes(data, size));
	return 0;
}
