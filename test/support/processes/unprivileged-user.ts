/** User id of `nobody` if this process is root, else undefined, because other users already lack privileges. */
export const UNPRIVILEGED_UID = process.getuid?.() === 0 ? 65534 : undefined;

/** Runs code without privileges. Root, who bypasses file permissions, temporarily becomes `nobody`. POSIX only. */
export async function asNobody(run: () => Promise<void>): Promise<void> {
  if (UNPRIVILEGED_UID === undefined) {
    return run();
  }
  process.seteuid?.(UNPRIVILEGED_UID);
  try {
    await run();
  } finally {
    process.seteuid?.(0);
  }
}
