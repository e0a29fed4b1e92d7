/* Waiting outside of 9P, so that the machine can be snapshotted, and waking in the present (SPEC WAKE-1 to WAKE-5). */
#include "agent.h"

#include <linux/random.h>

#define SEED_BYTES 32

struct wake {
	unsigned long seconds, nanoseconds;
	unsigned char seed[SEED_BYTES];
};

static int hex_digit(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	return -1;
}

/* SPEC WAKE-3. On 32 bits the seconds last until 2106. */
static int parse_wake(const char *line, struct wake *wake)
{
	if (!take_word(&line, "conch-wake ") || !take_number(&line, &wake->seconds) || *line++ != ' ' ||
	    !take_number(&line, &wake->nanoseconds) || *line++ != ' ')
		return 0;
	for (int index = 0; index < SEED_BYTES; index++, line += 2) {
		int high = hex_digit(line[0]);
		int low = high < 0 ? -1 : hex_digit(line[1]);

		if (low < 0)
			return 0;
		wake->seed[index] = (unsigned char)(high << 4 | low);
	}
	return *line == '\0' && wake->nanoseconds < 1000000000;
}

/* Every machine restored from one snapshot would otherwise draw the same random numbers. */
static void reseed(const unsigned char *seed)
{
	struct {
		int bits, bytes;
		unsigned char seed[SEED_BYTES];
	} entropy = { .bits = SEED_BYTES * 8, .bytes = SEED_BYTES };
	int fd = open("/dev/urandom", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return;
	memcpy(entropy.seed, seed, SEED_BYTES);
	ioctl(fd, RNDADDENTROPY, &entropy);
	ioctl(fd, RNDRESEEDCRNG, NULL);
	close(fd);
}

/* The next line without its end; a line that does not fit is cut. */
static int read_line(int fd, char *line, size_t size)
{
	size_t length = 0;

	for (;;) {
		char character;
		ssize_t got = read(fd, &character, 1);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return -1;
		if (character == '\n' || character == '\r') {
			line[length] = '\0';
			return 0;
		}
		if (length < size - 1)
			line[length++] = character;
	}
}

void wait_for_wake(int console)
{
	struct wake wake;
	char line[256];

	write_text(console, "conch-agent: parked\n");
	do {
		if (read_line(console, line, sizeof(line)) < 0) {
			/* No console, no host: wait without burning the processor. */
			sleep(1);
			line[0] = '\0';
		}
	} while (!parse_wake(line, &wake));
	set_clock((long long)wake.seconds, (long)wake.nanoseconds);
	reseed(wake.seed);
	write_text(console, "conch-agent: awake\n");
}

void prepare_snapshot(void)
{
	int fd;

	sync_all();
	fd = open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC);
	if (fd >= 0) {
		write_text(fd, "3\n");
		close(fd);
	}
}
