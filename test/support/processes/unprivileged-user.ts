/**
 * User id of `nobody` if the user of this process is root. Otherwise undefined, because other users have no special
 * privileges.
 */
export const UNPRIVILEGED_UID = process.getuid?.() === 0 ? 65534 : undefined;

/**
 * Runs a function without privileges. Changes the user from root, which bypasses file permissions, to `nobody`.
 * Supports only POSIX.
 */
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
