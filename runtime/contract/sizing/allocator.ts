/**
 * Environment variables that limit the unused memory of glibc's allocator.
 *
 * By default glibc keeps up to eight arenas per processor, each with up to 64 MiB of freed memory. With these values:
 * - All threads share two arenas.
 * - glibc maps each buffer of 8 MiB or more separately, and returns its memory immediately.
 * - glibc returns the memory of smaller buffers when 16 MiB are free at the end of an arena.
 *
 * The values do not reduce the throughput: docs/explanation/performance.md. Other allocators ignore the variables.
 *
 * Source: mallopt(3)
 */
export const ALLOCATOR_VARIABLES = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: String(8 * 2 ** 20),
  MALLOC_TRIM_THRESHOLD_: String(16 * 2 ** 20),
} as const;
