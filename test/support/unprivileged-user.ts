/** Runs code without privileges. Root, who bypasses file permissions, temporarily becomes `nobody`. POSIX only. */
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
