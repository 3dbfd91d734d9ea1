/** Runs something without any right to what others own. Root may do anything: it becomes nobody meanwhile. POSIX only. */
export async function asNobody(run: () => Promise<void>): Promise<void> {
  if (process.getuid?.() !== 0) {
    return run();
  }
  process.seteuid?.(65534);
  try {
    await run();
  } finally {
    process.seteuid?.(0);
  }
}
