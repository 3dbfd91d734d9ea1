import { join, relative } from 'node:path';
import type { CoreSettings } from '../../runtime/contract';
import type { Outcome } from '../../runtime/pipeline';
import type { StudioOptions } from './studio-options';

/** Values that {@link startupLines} describes. */
export interface StartupFacts {
  readonly url: string;
  /** Whether the URL serves the page of the studio. */
  readonly hasPage: boolean;
  readonly options: StudioOptions;
  readonly settings: CoreSettings;
  /** Origin of the settings: stack, resource and directory. */
  readonly origin: string;
  /** Description of the rendering processes, such as `in this process, like a Lambda function`. */
  readonly rendering: string;
}

/** Returns the lines that the command `start` prints first. The lines describe the pipeline and suggest commands. */
export function startupLines({ url, hasPage, options, settings, origin, rendering }: StartupFacts): string[] {
  const { prefix, suffixes } = settings.sourceLocation;
  const images = join(shortPath(options.images), prefix);
  const extension = suffixes[0] ?? '.jpg';
  const key = `${prefix}cat${extension}`;
  const [first] = settings.thumbnails;
  return [
    '',
    `  pipeline    ${url}`,
    `  images      ${images}`,
    `  thumbnails  ${join(shortPath(options.thumbnails), settings.thumbnailLocation.prefix)}`,
    `  settings    ${origin}`,
    `  rendering   ${rendering}`,
    ...settings.thumbnails.map(
      ({ name, fit, width, height, formats }, index) =>
        `  ${index === 0 ? 'sizes' : '     '}       ${name}: ${fit} ${width}×${height}, ${formats.map(({ type }) => type).join(', ')}`,
    ),
    '',
    'Try it:',
    `  cp cat${extension} ${join(images, `cat${extension}`)}`,
    `  curl ${url}/images/${key}`,
    `  curl -o cat.${first?.formats[0]?.type} ${url}/thumbnails/${first?.name}/${key}`,
    hasPage
      ? `  Open ${url} in a browser. Press Ctrl+C to stop.`
      : '  The page is available on 127.0.0.1 only. Press Ctrl+C to stop.',
    '',
  ];
}

/** Returns a line about the outcome of a reconciliation; `undefined` for a reconciliation without changes. */
export function describeOutcome(outcome: Outcome, milliseconds: number): string | undefined {
  switch (outcome.status) {
    case 'made':
      return outcome.manifest.status === 'ready'
        ? `made      ${outcome.key}: ${outcome.manifest.thumbnails.length} thumbnails in ${Math.round(milliseconds)} ms`
        : undefined;
    case 'rejected':
      return outcome.manifest.status === 'rejected'
        ? `rejected  ${outcome.key}: ${outcome.manifest.rejection.message} (${outcome.manifest.rejection.code})`
        : undefined;
    case 'deleted':
      return outcome.removed > 0 ? `deleted   ${outcome.key}: thumbnails removed` : undefined;
    case 'unchanged':
    case 'ignored':
    case 'forwarded':
      return undefined;
  }
}

/** Returns a line about a key whose reconciliation has failed. */
export function describeFailure(key: string, error: unknown): string {
  return `failed    ${key}: ${messageOf(error)}`;
}

/** Returns the message of any thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Returns a relative path for paths below the working directory. Returns other paths unchanged. */
function shortPath(path: string): string {
  const short = relative('.', path);
  return short.startsWith('..') ? path : short || '.';
}
