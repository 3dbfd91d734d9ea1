import type { Construct } from 'constructs';
import {
  CORE_VARIABLES,
  DEFAULT_MAX_LINK_LIFETIME_SECONDS,
  DEFAULT_UPLOAD_KEY_TEMPLATE,
  HTTP_VARIABLES,
  type ReadAccess,
} from '../../runtime/contract';
import type { ThumbnailApiAccessOptions, ThumbnailSeparateApiEnvironments } from '../compute/compute-protocol';
import { toJson } from '../private/stacks';
import { ThumbnailAccess, type ThumbnailAccessBinding, type ThumbnailSigning } from './thumbnail-access';
import type { ThumbnailPipelineApiOptions } from './thumbnail-api-options';

/** Returns the access settings of an API, with default values for undefined settings. */
export function apiAccessOf({
  access = ThumbnailAccess.iam(),
  writeAccess,
  onlyThroughDistribution,
}: ThumbnailPipelineApiOptions): ThumbnailApiAccessOptions {
  return { access, writeAccess, onlyThroughDistribution };
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

/**
 * Returns the environment variables of an API with one process for reading and one process for writing. Returns undefined for an
 * API without write routes.
 *
 * @param environment variables of the pipeline. The process for writing receives no variables of an analysis, because this
 *   process reads no images.
 */
export function separateEnvironments(
  scope: Construct,
  { read, write }: BoundApiAccess,
  { uploads, fallbackImage }: ThumbnailPipelineApiOptions,
  environment: Readonly<Record<string, string>>,
): ThumbnailSeparateApiEnvironments | undefined {
  if (!write) {
    return undefined;
  }
  const withoutAnalysis = Object.entries(environment).filter(([name]) => name !== CORE_VARIABLES.analysis);
  return {
    read: { ...environment, ...httpEnvironment(scope, { read }, { fallbackImage }) },
    write: {
      ...Object.fromEntries(withoutAnalysis),
      ...httpEnvironment(scope, { read: { authorizer: read.authorizer }, write }, { uploads }),
      [HTTP_VARIABLES.readAccess]: 'none' satisfies ReadAccess,
    },
  };
}
