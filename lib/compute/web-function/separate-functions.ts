import type { ThumbnailApiAccessOptions } from '../compute-protocol';

/**
 * Returns whether the API needs two web functions: one for reading, and one for uploads and deletion.
 *
 * All endpoints of a web function serve the same routes. With IAM authorization, principals with read access could therefore
 * also write, if one function served all routes.
 *
 * A distribution cannot select a function by the HTTP method. Therefore, one function serves all routes of an API that accepts
 * only requests from distributions, except if IAM authorizes the requests.
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
