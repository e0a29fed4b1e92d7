// How our kernel learns without a request whether what it knows of leased files is still true (SPEC P9-28).

/** The I/O port at which it reads the file system's lease, as rootfs/kernel/9p-lease.patch has it. */
export const leasePort = 0x9f8;
