/*
 * huge.h - moves a loaded engine into huge pages.
 *
 * A gigabyte in pages of 4 KB takes 22 ms to fork and misses the TLB at every step of a scan; in
 * pages of 2 MB, 1 ms.  Costs some 3 seconds of CPU after each load, and needs Linux 6.1 for it to
 * happen at once; older ones do it by and by.
 */
#ifndef SCAN_HUGE_H
#define SCAN_HUGE_H

/* All private anonymous memory of this process, if it is worth it.  Never fails: what the kernel
 * refuses stays as it is. */
void huge_collapse(void);
/* KB of this process that are resident, and of it in huge pages; 0 when the kernel does not say. */
void huge_measure(unsigned long *resident_r, unsigned long *huge_r);

#endif
