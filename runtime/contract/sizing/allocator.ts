/**
 * Environment variables that limit the unused memory of glibc's allocator.
 *
 * By default, glibc keeps up to eight arenas per processor. Each arena can contain up to 64 MiB of freed memory. With the
 * values of these variables:
 * - All threads share two arenas.
 * - glibc allocates each buffer of 8 MiB or more with mmap, and returns its memory to the kernel immediately.
 * - glibc returns the memory of smaller buffers when 16 MiB are free at the end of an arena.
 *
 * The measurements in docs/explanation/performance.md show no lower throughput. Other allocators ignore the variables.
 *
 * @see https://man7.org/linux/man-pages/man3/mallopt.3.html
 */
export const ALLOCATOR_VARIABLES = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: String(8 * 2 ** 20),
  MALLOC_TRIM_THRESHOLD_: String(16 * 2 ** 20),
} as const;
