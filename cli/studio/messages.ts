import { join, relative } from 'node:path';
import type { CoreSettings } from '../../runtime/contract';
import type { Outcome } from '../../runtime/pipeline';
import type { StudioOptions } from './studio-options';

/** What the first lines tell. */
export interface Greeting {
  readonly url: string;
  readonly options: StudioOptions;
  readonly settings: CoreSettings;
  /** Where the settings come from. */
  readonly origin: string;
  /** What does the work. */
  readonly workers: string;
}

/** What was started, with which settings, and what to try next. */
export function greeting({ url, options, settings, origin, workers }: Greeting): string[] {
  const { prefix, suffixes } = settings.sourceLocation;
  const images = join(here(options.images), prefix);
  const example = `${prefix}cat${suffixes[0] ?? '.jpg'}`;
  const [first] = settings.thumbnails;
  return [
    '',
    `  pipeline    ${url}`,
    `  images      ${images}`,
    `  thumbnails  ${join(here(options.thumbnails), settings.thumbnailLocation.prefix)}`,
    `  settings    ${origin}`,
    `  runs        ${workers}`,
    ...settings.thumbnails.map(
      ({ name, fit, width, height, formats }, index) =>
        `${index === 0 ? '  makes       ' : '              '}${name}: ${fit} ${width}×${height}, ${formats.map(({ type }) => type).join(', ')}`,
    ),
    '',
    'try next:',
    `  cp cat.jpg ${join(images, example.slice(prefix.length))}`,
    `  curl ${url}/images/${example}`,
    `  curl -o cat.${first?.formats[0]?.type} ${url}/thumbnails/${first?.name}/${example}`,
    `  open ${url} in a browser; stop with Ctrl+C`,
    '',
  ];
}

/** What became of a key, for whoever watches; undefined where nothing did. */
export function describeOutcome(outcome: Outcome, milliseconds: number): string | undefined {
  const time = `${Math.round(milliseconds)} ms`;
  switch (outcome.status) {
    case 'made':
      return outcome.manifest.status === 'ready'
        ? `made      ${outcome.key}: ${outcome.manifest.thumbnails.length} thumbnails in ${time}`
        : undefined;
    case 'rejected':
      return outcome.manifest.status === 'rejected'
        ? `rejected  ${outcome.key}: ${outcome.manifest.rejection.message} (${outcome.manifest.rejection.code})`
        : undefined;
    case 'deleted':
      return outcome.removed > 0 ? `removed   ${outcome.key}: its thumbnails are gone` : undefined;
    case 'unchanged':
    case 'ignored':
      return undefined;
  }
}

/** A key that was given up. */
export function describeFailure(key: string, error: unknown): string {
  return `failed    ${key}: ${error instanceof Error ? error.message : String(error)}`;
}

/** A path as a person in this folder would write it. */
function here(path: string): string {
  const short = relative('.', path);
  return short.startsWith('..') ? path : short || '.';
}
