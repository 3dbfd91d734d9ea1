import * as z from 'zod';
import * as contract from '../contract';
import type { ReadAccess, CoreSettings, WriteAccess } from '../contract';
import { json, parseEnvironment, SettingsError } from './core-settings';

/** What only the web face is told: what {@link contract.HTTP_VARIABLES} carry. */
export interface HttpSettings {
  readonly readAccess: ReadAccess;
  readonly writeAccess: WriteAccess;
  /** Where the keys of signed links are; undefined where nothing is signed. */
  readonly signing: { readonly secret: string } | { readonly keys: string } | undefined;
  /** Hosts that links can be signed for; empty for the one that a request names. */
  readonly linkHosts: readonly string[];
  /** Seconds that a signed link can be valid for. */
  readonly maxLinkLifetimeSeconds: number;
  readonly corsOrigins: readonly string[];
  /** Key of a source. */
  readonly fallbackImage: string | undefined;
  /** Without a slash at the end. */
  readonly distributionUrl: string | undefined;
  /** Name or ARN of the secret that a distribution shows a key of. */
  readonly distributionSecret: string | undefined;
  readonly uploads: UploadSettings;
}

/** What can be uploaded. */
export interface UploadSettings {
  readonly contentTypes: readonly string[];
  /** Size of the largest in bytes. */
  readonly maxBytes: number;
  /** With `{uuid}` and maybe `{filename}`. */
  readonly keyTemplate: string;
}

const { HTTP_VARIABLES: names } = contract;
/** A host as a URL's parser writes it, with its port or without. */
const host = z.string().refine((text) => hostOf(`https://${text}`) === text || hostOf(`http://${text}`) === text, {
  error: ({ input }) => `got ${JSON.stringify(input)}, allowed: a host in lower case, such as img.example.com`,
});
const origin = z.string().refine((text) => text === '*' || originOf(text) === text, {
  error: ({ input }) => `got ${JSON.stringify(input)}, allowed: *, or origins such as https://example.com`,
});
const contentType = z.string().regex(/^image\/[a-z0-9.+-]+$/);

const schema = z.object({
  [names.readAccess]: z.enum(contract.READ_ACCESS).default('open'),
  [names.writeAccess]: z.enum(contract.WRITE_ACCESS).default('none'),
  [names.signingSecret]: z.string().min(1).optional(),
  [names.signingKeys]: z.string().min(1).optional(),
  [names.linkHosts]: json(z.array(host)).default([]),
  [names.maxLinkLifetimeSeconds]: integer().default(contract.DEFAULT_MAX_LINK_LIFETIME_SECONDS),
  [names.corsOrigins]: json(z.array(origin)).default([]),
  [names.fallbackImage]: z.string().min(1).optional(),
  [names.distributionUrl]: z
    .url({ protocol: /^https?$/ })
    .transform((url) => url.replace(/\/+$/, ''))
    .optional(),
  [names.distributionSecret]: z.string().min(1).optional(),
  [names.uploadContentTypes]: json(z.array(contentType).min(1)).optional(),
  [names.uploadMaxBytes]: integer().optional(),
  [names.uploadKeyTemplate]: z
    .string()
    .refine((template) => template.includes('{uuid}') && !/[{}]/.test(template.replace(/\{(?:uuid|filename)\}/g, '')), {
      error: ({ input }) => `got ${JSON.stringify(input)}, allowed: a key with {uuid} in it, and {filename}`,
    })
    .default(contract.DEFAULT_UPLOAD_KEY_TEMPLATE),
});

/**
 * What the environment variables named in {@link contract.HTTP_VARIABLES} say.
 *
 * @throws SettingsError that names each variable that is missing or wrong; never what signing keys are
 */
export function readHttpSettings(
  environment: Readonly<Record<string, string | undefined>>,
  settings: Pick<CoreSettings, 'limits' | 'allowSvg'>,
): HttpSettings {
  const read = parseEnvironment(schema, environment);
  const isSigned = read.READ_ACCESS === 'signed' || read.WRITE_ACCESS === 'signed';
  if (isSigned && (read.SIGNING_SECRET === undefined) === (read.SIGNING_KEYS === undefined)) {
    throw new SettingsError([
      `${names.signingSecret}: signed links need either this, the name of a secret, or ${names.signingKeys}`,
    ]);
  }
  const ofSettings = [...contract.UPLOAD_CONTENT_TYPES, ...(settings.allowSvg ? ['image/svg+xml'] : [])];
  return {
    readAccess: read.READ_ACCESS,
    writeAccess: read.WRITE_ACCESS,
    signing: isSigned ? signingOf(read.SIGNING_SECRET, read.SIGNING_KEYS) : undefined,
    linkHosts: read.LINK_HOSTS,
    maxLinkLifetimeSeconds: read.MAX_LINK_LIFETIME_SECONDS,
    corsOrigins: read.CORS_ORIGINS,
    fallbackImage: read.FALLBACK_IMAGE,
    distributionUrl: read.DISTRIBUTION_URL,
    distributionSecret: read.DISTRIBUTION_SECRET,
    uploads: {
      contentTypes: read.UPLOAD_CONTENT_TYPES ?? ofSettings,
      maxBytes: Math.min(read.UPLOAD_MAX_SIZE_BYTES ?? Infinity, settings.limits.maxBytes),
      keyTemplate: read.UPLOAD_KEY_TEMPLATE,
    },
  };
}

function signingOf(secret: string | undefined, keys: string | undefined): HttpSettings['signing'] {
  if (secret !== undefined) {
    return { secret };
  }
  return keys === undefined ? undefined : { keys };
}

function integer() {
  return z
    .string()
    .regex(/^[1-9]\d{0,14}$/, { error: ({ input }) => `got ${JSON.stringify(input)}, allowed: a whole number from 1` })
    .transform(Number);
}

function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).host : undefined;
}

function originOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).origin : undefined;
}
