import { join, resolve } from 'node:path';
import * as z from 'zod';

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

const schema = z.object({
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: z
    .string()
    .default('3000')
    .refine((text) => /^\d{1,5}$/.test(text) && Number(text) <= 65535, {
      error: ({ input }) => `got ${JSON.stringify(input)}; expected 0 to 65535`,
    }),
  DATA_DIR: z.string().min(1).default('.thumbnails'),
});

/**
 * Reads the environment variables HOST, PORT and DATA_DIR. DATA_DIR defaults to `.thumbnails` in the working directory.
 *
 * @throws Error if a variable is invalid
 */
export function readStudioOptions(environment: Readonly<Record<string, string | undefined>>): StudioOptions {
  const parsed = schema.safeParse(environment);
  if (!parsed.success) {
    throw new Error(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
  }
  const { HOST, PORT, DATA_DIR } = parsed.data;
  const data = resolve(DATA_DIR);
  return {
    host: HOST,
    port: Number(PORT),
    images: join(data, 'images'),
    thumbnails: join(data, 'thumbnails'),
    trash: join(data, 'trash'),
  };
}
