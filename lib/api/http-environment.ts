import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { DEFAULT_MAX_LINK_LIFETIME_SECONDS, DEFAULT_UPLOAD_KEY_TEMPLATE, HTTP_VARIABLES } from '../../runtime/contract';
import type { ThumbnailPipelineApiOptions } from '../pipeline/thumbnail-pipeline-props';
import { ThumbnailAccess, type ThumbnailAccessConfig, type ThumbnailSigning } from './thumbnail-access';

/** Who may do what, bound to a pipeline. */
export interface BoundAccess {
  readonly read: ThumbnailAccessConfig;
  /** Undefined where nobody may write. */
  readonly write?: ThumbnailAccessConfig;
}

/** Binds the accesses of an API to its pipeline, before there is a program to tell of them. */
export function bindAccess(scope: Construct, options: ThumbnailPipelineApiOptions): BoundAccess {
  const { access = ThumbnailAccess.iam(), writeAccess } = options;
  const read = access.bind(scope);
  if (!writeAccess) {
    return { read };
  }
  return { read, write: writeAccess === access ? read : writeAccess.bind(scope) };
}

/** How links are signed, where reading or writing asks for it. */
export function signingOf({ read, write }: BoundAccess): ThumbnailSigning | undefined {
  return read.signing ?? write?.signing;
}

/** The environment variables that only the program's web face reads. What equals its default is left out. */
export function webEnvironmentOf(
  scope: Construct,
  access: BoundAccess,
  { uploads = {}, fallbackImage }: ThumbnailPipelineApiOptions,
): Record<string, string> {
  const json = (value: unknown): string => Stack.of(scope).toJsonString(value);
  const signing = signingOf(access);
  const maxLinkLifetimeSeconds = signing?.maxDuration?.toSeconds();
  const { contentTypes, maxSize, keyTemplate = DEFAULT_UPLOAD_KEY_TEMPLATE } = uploads;
  return {
    ...(access.read.signing ? { [HTTP_VARIABLES.readAccess]: 'signed' } : {}),
    ...(access.write ? { [HTTP_VARIABLES.writeAccess]: access.write.signing ? 'signed' : 'open' } : {}),
    ...(signing ? { [HTTP_VARIABLES.signingSecret]: signing.keys.secretArn } : {}),
    ...(signing?.hosts?.length ? { [HTTP_VARIABLES.linkHosts]: json(signing.hosts) } : {}),
    ...(maxLinkLifetimeSeconds === undefined || maxLinkLifetimeSeconds === DEFAULT_MAX_LINK_LIFETIME_SECONDS
      ? {}
      : { [HTTP_VARIABLES.maxLinkLifetimeSeconds]: String(maxLinkLifetimeSeconds) }),
    ...(fallbackImage === undefined ? {} : { [HTTP_VARIABLES.fallbackImage]: fallbackImage }),
    ...(contentTypes ? { [HTTP_VARIABLES.uploadContentTypes]: json(contentTypes) } : {}),
    ...(maxSize ? { [HTTP_VARIABLES.uploadMaxSizeBytes]: String(maxSize.toBytes()) } : {}),
    ...(keyTemplate === DEFAULT_UPLOAD_KEY_TEMPLATE ? {} : { [HTTP_VARIABLES.uploadKeyTemplate]: keyTemplate }),
  };
}
