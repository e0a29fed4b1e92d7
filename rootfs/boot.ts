// How the guest is booted: what the kernel is told, and how much memory a machine has.

/** Enough for git and a compiler beside a shell and Python; half of it stays empty and compresses to nothing. */
export const memoryBytes = 128 << 20;

/** Largest 9P message: 128 KiB to 512,000 are equally quick, and larger ones cost memory in the snapshot. */
export const msize = 256 << 10;

const megabytes = memoryBytes >> 20;

export const cmdline = [
  "console=ttyS0 quiet",
  // The emulated counter is the only clock and never drifts from itself.
  "tsc=reliable",
  `root=host9p rootfstype=9p rw rootflags=trans=virtio,version=9p2000.L,cache=loose,msize=${msize}`,
  "init=/sbin/conch-init",
  // What a program has written outside /project reaches the host, which keeps it, within two seconds.
  "sysctl.vm.dirty_expire_centisecs=100 sysctl.vm.dirty_writeback_centisecs=100",
  // Freed pages are zero: the snapshot shrinks to what is in use.
  "init_on_free=1",
  // Wins back 16 MB that the firmware's memory map leaves out.
  `memmap=exactmap memmap=640K@0 memmap=${megabytes - 1}M@1M`,
].join(" ");
