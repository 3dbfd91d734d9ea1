import { join, resolve } from 'node:path';
import * as v from 'valibot';

/** Options of the local pipeline, read from the environment. */
export interface StudioOptions {
  /** IP address or host name to listen on. @default - 127.0.0.1, which other machines cannot reach */
  readonly host: string;
  /** Port to listen on; 0 selects a free port. @default 3000 */
  readonly port: number;
  /** Absolute path of the directory that replaces the source bucket. */
  readonly images: string;
  /** Absolute path of the directory that replaces the thumbnail bucket. */
  readonly thumbnails: string;
  /** Absolute path of the directory for images that users have deleted on the page. */
  readonly trash: string;
}

const schema = v.object({
  HOST: v.optional(v.pipe(v.string(), v.minLength(1)), '127.0.0.1'),
  PORT: v.optional(
    v.pipe(
      v.string(),
      v.check(
        (text) => /^\d{1,5}$/.test(text) && Number(text) <= 65535,
        ({ input }) => `got ${JSON.stringify(input)}; expected 0 to 65535`,
      ),
    ),
    '3000',
  ),
  DATA_DIR: v.optional(v.pipe(v.string(), v.minLength(1)), '.thumbnails'),
});

/**
 * Reads the environment variables HOST, PORT and DATA_DIR. DATA_DIR defaults to `.thumbnails` in the working directory.
 *
 * @throws Error if a variable is invalid
 */
export function readStudioOptions(environment: Readonly<Record<string, string | undefined>>): StudioOptions {
  const parsed = v.safeParse(schema, environment);
  if (!parsed.success) {
    throw new Error(parsed.issues.map((issue) => `${v.getDotPath(issue)}: ${issue.message}`).join('; '));
  }
  const { HOST, PORT, DATA_DIR } = parsed.output;
  const data = resolve(DATA_DIR);
  return {
    host: HOST,
    port: Number(PORT),
    images: join(data, 'images'),
    thumbnails: join(data, 'thumbnails'),
    trash: join(data, 'trash'),
  };
}
