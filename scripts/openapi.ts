import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { version } from '../package.json';
import { generateDocument } from '../runtime/http/openapi/document';

/** Writes docs/openapi.json if it is out of date. */
export async function writeOpenApiDocument(root: string): Promise<void> {
  const file = join(root, 'docs/openapi.json');
  const config = await resolveConfig(file);
  const text = await format(JSON.stringify(generateDocument(version)), { ...config, filepath: file });
  if (text !== readFileSync(file, 'utf8')) {
    writeFileSync(file, text);
  }
}
