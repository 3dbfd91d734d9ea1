import { join, resolve } from 'node:path';
import * as z from 'zod';

/** Where and how the local run listens and keeps its files. */
export interface StudioOptions {
  /** Address to listen on. Default: 127.0.0.1, so that nobody else on the network is served. */
  readonly host: string;
  /** 0 lets the system choose. Default: 3000. */
  readonly port: number;
  /** Absolute path of the folder that stands for the source bucket. */
  readonly images: string;
  /** Absolute path of the folder that stands for the thumbnail bucket. */
  readonly thumbnails: string;
}

const schema = z.object({
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: z
    .string()
    .default('3000')
    .refine((text) => /^\d{1,5}$/.test(text) && Number(text) <= 65535, {
      error: ({ input }) => `got ${JSON.stringify(input)}, allowed: 0 to 65535`,
    }),
  DATA_DIR: z.string().min(1).default('.thumbnails'),
});

/**
 * Reads HOST, PORT and DATA_DIR (default `.thumbnails` in the current folder).
 *
 * @throws Error that names each variable that is wrong
 */
export function readStudioOptions(environment: Readonly<Record<string, string | undefined>>): StudioOptions {
  const parsed = schema.safeParse(environment);
  if (!parsed.success) {
    throw new Error(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
  }
  const data = resolve(parsed.data.DATA_DIR);
  return {
    host: parsed.data.HOST,
    port: Number(parsed.data.PORT),
    images: join(data, 'images'),
    thumbnails: join(data, 'thumbnails'),
  };
}
