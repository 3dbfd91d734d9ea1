import type { ThumbnailApiAccessOptions } from '../compute-protocol';

/**
 * Returns whether the API needs two web functions: one for reading, and one for uploads and deletion.
 *
 * All endpoints of a web function serve the same revision, and therefore the same routes with the same execution role. With IAM
 * authorization, a second endpoint of one function would let readers write.
 *
 * If the API accepts only requests of distributions, and the runtime authorizes these requests, one function serves all routes.
 * Two functions are not possible, because a behavior of a distribution cannot select the function by the method of a request.
 */
export function needsTwoFunctions({
  access,
  writeAccess,
  onlyThroughDistribution = false,
}: ThumbnailApiAccessOptions): boolean {
  if (!writeAccess) {
    return false;
  }
  return access._isIam || writeAccess._isIam || (access !== writeAccess && !onlyThroughDistribution);
}
