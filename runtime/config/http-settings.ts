import * as v from 'valibot';
import * as contract from '../contract';
import type { CoreSettings, ReadAccess, WriteAccess } from '../contract';
import {
  flag,
  httpUrl,
  noArray,
  integer,
  json,
  nonEmpty,
  parseEnvironment,
  received,
  SettingsError,
  type Environment,
} from './parse-environment';
import { signingOf, type SigningSettings } from './signing-settings';

/** Settings of the HTTP API: the values of {@link contract.HTTP_VARIABLES}. */
export interface HttpSettings {
  readonly readAccess: ReadAccess;
  readonly writeAccess: WriteAccess;
  /** Template for the prefix of the source keys that a user can read. If undefined, a user can read all keys. */
  readonly readKeyPrefix: string | undefined;
  /** Template for the prefix of the source keys that a user can upload and delete. If undefined, all keys are allowed. */
  readonly writeKeyPrefix: string | undefined;
  /** Keys of signed links. Undefined if neither reading nor writing requires signed links. */
  readonly signing: SigningSettings | undefined;
  /** Hosts for which signed links are valid. If the list is empty, a link is valid only for the host of the request. */
  readonly linkHosts: readonly string[];
  /** Maximum lifetime of a signed link in seconds. */
  readonly maxLinkLifetimeSeconds: number;
  readonly corsOrigins: readonly string[];
  /** Source key of the fallback image. */
  readonly fallbackImage: string | undefined;
  /** URL of the CloudFront distribution, without a trailing slash. */
  readonly distributionUrl: string | undefined;
  /** Name or ARN of the secret that contains the key that the distribution sends to the API. */
  readonly distributionSecret: string | undefined;
  /** Whether every route except `/health` requires the key that the distribution sends. */
  readonly onlyThroughDistribution: boolean;
  /** Settings of CloudFront signed URLs in manifests. Undefined if manifests contain no CloudFront signed URLs. */
  readonly cdnSigning: CdnSigningSettings | undefined;
  readonly uploads: UploadSettings;
}

/** Settings of CloudFront signed URLs. */
export interface CdnSigningSettings {
  /** Name or ARN of the secret that contains the private keys for CloudFront signed URLs. */
  readonly secret: string;
  /** URL of the distribution, without a trailing slash. */
  readonly url: string;
  readonly keyPairIds: Readonly<Record<string, string>>;
  readonly lifetimeSeconds: number;
}

/** Rules for uploads. */
export interface UploadSettings {
  readonly contentTypes: readonly string[];
  /** Maximum size of an upload in bytes. A rule can define a lower limit for a key. */
  readonly maxSizeBytes: number;
  /** Template for the source keys of uploads. The template contains `{uuid}` and optionally `{filename}`. */
  readonly keyTemplate: string;
}

const { HTTP_VARIABLES: names } = contract;
/** Schema of a host with an optional port, in the normalized form of a URL parser. */
const host = v.pipe(
  v.string(),
  v.check(
    (text) => hostOf(`https://${text}`) === text || hostOf(`http://${text}`) === text,
    ({ input }) => received(input, 'a host in lower case, such as img.example.com'),
  ),
);
const origin = v.pipe(
  v.string(),
  v.check(
    (text) => text === '*' || originOf(text) === text,
    ({ input }) => received(input, '* or an origin such as https://example.com'),
  ),
);
const keyPrefix = v.pipe(
  v.string(),
  v.maxLength(contract.MAX_KEY_PREFIX_TEMPLATE_LENGTH),
  v.check(
    (template) => contract.KEY_PREFIX_TEMPLATE.test(template),
    ({ input }) => received(input, 'a prefix such as {claim:sub}/ with a trailing slash'),
  ),
);
const contentType = v.pipe(v.string(), v.regex(/^image\/[a-z0-9.+-]+$/));
const positiveInteger = (): v.GenericSchema<string, number> => integer(1, Number.MAX_SAFE_INTEGER);

const schema = v.object({
  [names.readAccess]: v.optional(v.picklist(contract.READ_ACCESS), 'open'),
  [names.writeAccess]: v.optional(v.picklist(contract.WRITE_ACCESS), 'none'),
  [names.readKeyPrefix]: v.optional(keyPrefix),
  [names.writeKeyPrefix]: v.optional(keyPrefix),
  [names.signingSecret]: v.optional(nonEmpty),
  [names.signingKeys]: v.optional(nonEmpty),
  [names.linkHosts]: v.optional(json(v.array(host)), '[]'),
  [names.maxLinkLifetimeSeconds]: v.optional(positiveInteger(), String(contract.DEFAULT_MAX_LINK_LIFETIME_SECONDS)),
  [names.corsOrigins]: v.optional(json(v.array(origin)), '[]'),
  [names.fallbackImage]: v.optional(nonEmpty),
  [names.distributionUrl]: v.optional(
    v.pipe(
      httpUrl(({ input }) => received(input, 'an HTTP or HTTPS URL')),
      v.transform((url) => url.replace(/\/+$/, '')),
    ),
  ),
  [names.distributionSecret]: v.optional(nonEmpty),
  [names.onlyThroughDistribution]: flag('false'),
  [names.cdnSigningSecret]: v.optional(nonEmpty),
  [names.cdnKeyPairIds]: v.optional(
    json(noArray(v.record(v.pipe(v.string(), v.regex(contract.SIGNING_KEYS.idPattern)), nonEmpty))),
    '{}',
  ),
  [names.cdnLinkLifetimeSeconds]: v.optional(positiveInteger(), '3600'),
  [names.uploadContentTypes]: v.optional(json(v.pipe(v.array(contentType), v.minLength(1)))),
  [names.uploadMaxSizeBytes]: v.optional(positiveInteger()),
  [names.uploadKeyTemplate]: v.optional(
    v.pipe(
      v.string(),
      v.check(
        (template) => template.includes('{uuid}') && !/[{}]/.test(template.replace(/\{(?:uuid|filename)\}/g, '')),
        ({ input }) => received(input, 'a key with {uuid} and optionally {filename}'),
      ),
    ),
    contract.DEFAULT_UPLOAD_KEY_TEMPLATE,
  ),
});

/**
 * Reads the settings of the HTTP API from {@link contract.HTTP_VARIABLES}.
 *
 * @throws SettingsError if a variable is missing or invalid. The message never contains signing keys.
 */
export function readHttpSettings(
  environment: Environment,
  core: Pick<CoreSettings, 'limits' | 'rules' | 'allowSvg'>,
): HttpSettings {
  const read = parseEnvironment(schema, environment);
  const isSigned = read.READ_ACCESS === 'signed' || read.WRITE_ACCESS === 'signed';
  if (isSigned && (read.SIGNING_SECRET === undefined) === (read.SIGNING_KEYS === undefined)) {
    throw new SettingsError([`${names.signingSecret}: signed access requires either this or ${names.signingKeys}`]);
  }
  if (read.READ_ACCESS === 'none' && read.WRITE_ACCESS === 'none') {
    const error = `${names.readAccess}: received none, but ${names.writeAccess} is also none; expected open or signed for one of them`;
    throw new SettingsError([error]);
  }
  if (read.ONLY_THROUGH_DISTRIBUTION && read.DISTRIBUTION_SECRET === undefined) {
    const error = `${names.distributionSecret}: is not set; ${names.onlyThroughDistribution} requires it`;
    throw new SettingsError([error]);
  }
  const cdnSigning = read.CDN_SIGNING_SECRET !== undefined && {
    secret: read.CDN_SIGNING_SECRET,
    url: read.DISTRIBUTION_URL ?? '',
    keyPairIds: read.CDN_KEY_PAIR_IDS,
    lifetimeSeconds: read.CDN_LINK_LIFETIME_SECONDS,
  };
  if (cdnSigning && (cdnSigning.url === '' || Object.keys(cdnSigning.keyPairIds).length === 0)) {
    const error = `${names.cdnSigningSecret}: requires ${names.distributionUrl} and ${names.cdnKeyPairIds}`;
    throw new SettingsError([error]);
  }
  const defaultContentTypes = [...contract.UPLOAD_CONTENT_TYPES, ...(core.allowSvg ? ['image/svg+xml'] : [])];
  return {
    readAccess: read.READ_ACCESS,
    writeAccess: read.WRITE_ACCESS,
    readKeyPrefix: read.READ_KEY_PREFIX,
    writeKeyPrefix: read.WRITE_KEY_PREFIX,
    signing: isSigned ? signingOf(read.SIGNING_SECRET, read.SIGNING_KEYS) : undefined,
    linkHosts: read.LINK_HOSTS,
    maxLinkLifetimeSeconds: read.MAX_LINK_LIFETIME_SECONDS,
    corsOrigins: read.CORS_ORIGINS,
    fallbackImage: read.FALLBACK_IMAGE,
    distributionUrl: read.DISTRIBUTION_URL,
    distributionSecret: read.DISTRIBUTION_SECRET,
    onlyThroughDistribution: read.ONLY_THROUGH_DISTRIBUTION,
    cdnSigning: cdnSigning || undefined,
    uploads: {
      contentTypes: read.UPLOAD_CONTENT_TYPES ?? defaultContentTypes,
      maxSizeBytes: Math.min(read.UPLOAD_MAX_SIZE_BYTES ?? Infinity, contract.largestLimit(core, 'maxFileSizeBytes')),
      keyTemplate: read.UPLOAD_KEY_TEMPLATE,
    },
  };
}

function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).host : undefined;
}

function originOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).origin : undefined;
}
