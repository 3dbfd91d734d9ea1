import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { version } from '../package.json';
import { eventSchema } from '../runtime/events';
import { generateDocument } from '../runtime/http/openapi/document';

/** Writes docs/reference/openapi.json and docs/reference/event.schema.json if the files are out of date. */
export async function writeGeneratedDocuments(root: string): Promise<void> {
  await writeJson(join(root, 'docs/reference/openapi.json'), generateDocument(version));
  await writeJson(join(root, 'docs/reference/event.schema.json'), eventSchema());
}

async function writeJson(file: string, value: object): Promise<void> {
  const config = await resolveConfig(file);
  const text = await format(JSON.stringify(value), { ...config, filepath: file });
  if (!existsSync(file) || text !== readFileSync(file, 'utf8')) {
    writeFileSync(file, text);
  }
}
