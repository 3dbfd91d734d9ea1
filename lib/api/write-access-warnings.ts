import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ThumbnailApiOptions, ThumbnailPipelineApiOptions } from './thumbnail-api-options';

/** Warns about write access for every signed-in user, because each user can replace and delete the images of other users. */
export function warnAboutAnyUser(scope: Construct, { writeAccess }: ThumbnailApiOptions): void {
  if (!writeAccess?._acceptsAnyUser) {
    return;
  }
  Annotations.of(scope).addWarningV2(
    'cdk-thumbnails:writeAccessOfAnyUser',
    'writeAccess: the authorizer accepts every user with a valid JSON Web Token, and each of them can replace and delete ' +
      'every image. Pass keyPrefix to ThumbnailAccess.authorizer(), such as {claim:sub}/, or use ThumbnailAccess.signed() or iam().',
  );
}

/** Warns if browsers block upload requests because the API has no CORS configuration. */
export function warnAboutMissingCors(scope: Construct, options: ThumbnailPipelineApiOptions): void {
  const { writeAccess, cors, uploads } = options;
  if (!writeAccess || (cors?.allowOrigins ?? []).length > 0) {
    return;
  }
  const uploadOrigins = uploads?.allowOrigins ?? [];
  // With IAM authorization, the clients are usually servers, which need no CORS. Upload origins in the props indicate that web
  // pages also call the API.
  if (writeAccess._isIam && uploadOrigins.length === 0) {
    return;
  }
  Annotations.of(scope).addWarningV2(
    'cdk-thumbnails:uploadsWithoutCors',
    `api.cors: undefined, so that browsers block POST /uploads from pages of ${uploadOrigins.join(', ') || 'other origins'}. ` +
      "Set api.cors with allowOrigins, allowMethods and allowHeaders, such as 'authorization' and 'content-type'. " +
      'Acknowledge this warning if only servers or pages of the same origin upload images.',
  );
}
