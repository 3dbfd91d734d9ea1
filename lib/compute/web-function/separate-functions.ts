import type { ThumbnailApiAccessOptions } from '../compute-protocol';

/**
 * Returns whether the API needs two web functions: one for reading, and one for uploads and deletion.
 *
 * All endpoints of a web function serve the same routes. With IAM authorization, principals with read access could therefore
 * also write, if one function served all routes.
 *
 * If the API accepts only requests from distributions, one function serves all routes, unless IAM authorizes the requests. Two
 * functions are not possible, because a distribution cannot select the function by the HTTP method.
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
