import type { Construct } from 'constructs';
import { DEFAULT_MAX_LINK_LIFETIME_SECONDS, DEFAULT_UPLOAD_KEY_TEMPLATE, HTTP_VARIABLES } from '../../runtime/contract';
import type { ThumbnailApiAccessOptions } from '../compute/compute-protocol';
import { toJson } from '../private/stacks';
import { ThumbnailAccess, type ThumbnailAccessBinding, type ThumbnailSigning } from './thumbnail-access';
import type { ThumbnailPipelineApiOptions } from './thumbnail-api-options';

/** Returns the access settings of an API, with default values for undefined settings. */
export function apiAccessOf({
  access = ThumbnailAccess.iam(),
  writeAccess,
}: ThumbnailPipelineApiOptions): ThumbnailApiAccessOptions {
  return { access, writeAccess };
}

/** Results of `ThumbnailAccess.bind` for the read routes and the write routes of an API. */
export interface BoundApiAccess {
  readonly read: ThumbnailAccessBinding;
  /** Access to the write routes; undefined for an API without write routes. */
  readonly write?: ThumbnailAccessBinding;
}

/**
 * Binds the access settings to the pipeline. Call this function before you bind the compute, because the environment variables
 * of the compute depend on the access settings.
 */
export function bindApiAccess(scope: Construct, options: ThumbnailPipelineApiOptions): BoundApiAccess {
  const { access, writeAccess } = apiAccessOf(options);
  const read = access.bind(scope);
  if (!writeAccess) {
    return { read };
  }
  return { read, write: writeAccess === access ? read : writeAccess.bind(scope) };
}

/** Returns the configuration of signed links; undefined if no routes require signed links. */
export function signingOf({ read, write }: BoundApiAccess): ThumbnailSigning | undefined {
  return read.signing ?? write?.signing;
}

/** Returns the environment variables of the HTTP settings. Omits default values. */
export function httpEnvironment(
  scope: Construct,
  access: BoundApiAccess,
  { uploads = {}, fallbackImage }: ThumbnailPipelineApiOptions,
): Record<string, string> {
  const signing = signingOf(access);
  const maxLinkLifetimeSeconds = signing?.maxLinkLifetime?.toSeconds();
  const { contentTypes, maxSize, keyTemplate = DEFAULT_UPLOAD_KEY_TEMPLATE } = uploads;
  return {
    ...(access.read.signing ? { [HTTP_VARIABLES.readAccess]: 'signed' } : {}),
    ...(access.write ? { [HTTP_VARIABLES.writeAccess]: access.write.signing ? 'signed' : 'open' } : {}),
    ...(access.read.keyPrefix === undefined ? {} : { [HTTP_VARIABLES.readKeyPrefix]: access.read.keyPrefix }),
    ...(access.write?.keyPrefix === undefined ? {} : { [HTTP_VARIABLES.writeKeyPrefix]: access.write.keyPrefix }),
    ...(signing ? { [HTTP_VARIABLES.signingSecret]: signing.keys.secretArn } : {}),
    ...(signing?.hosts?.length ? { [HTTP_VARIABLES.linkHosts]: toJson(scope, signing.hosts) } : {}),
    ...(maxLinkLifetimeSeconds === undefined || maxLinkLifetimeSeconds === DEFAULT_MAX_LINK_LIFETIME_SECONDS
      ? {}
      : { [HTTP_VARIABLES.maxLinkLifetimeSeconds]: String(maxLinkLifetimeSeconds) }),
    ...(fallbackImage === undefined ? {} : { [HTTP_VARIABLES.fallbackImage]: fallbackImage }),
    ...(contentTypes ? { [HTTP_VARIABLES.uploadContentTypes]: toJson(scope, contentTypes) } : {}),
    ...(maxSize ? { [HTTP_VARIABLES.uploadMaxSizeBytes]: String(maxSize.toBytes()) } : {}),
    ...(keyTemplate === DEFAULT_UPLOAD_KEY_TEMPLATE ? {} : { [HTTP_VARIABLES.uploadKeyTemplate]: keyTemplate }),
  };
}
