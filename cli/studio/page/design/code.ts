import type { FormatSettings, ThumbnailMetadataField, ThumbnailSettings } from '../../../../runtime/contract';

/** Names of the members of `ThumbnailMetadata` in the construct library, by metadata field of the settings. */
const METADATA: Readonly<Record<ThumbnailMetadataField, string>> = {
  copyright: 'COPYRIGHT',
  artist: 'ARTIST',
  description: 'DESCRIPTION',
  icc: 'ICC_PROFILE',
};

/** Syntax of a programming language for which the construct library is available. */
interface Language {
  /** Converts the camelCase name of a method or property to the naming style of the language. */
  readonly name: (camelCase: string) => string;
  readonly text: (value: string) => string;
  readonly flag: (value: boolean) => string;
  /** Returns the code of the options in a method call; undefined without options. */
  readonly options: (entries: readonly (readonly [name: string, value: string])[]) => string | undefined;
}

const TYPESCRIPT: Language = {
  name: (camelCase) => camelCase,
  text: (value) => `'${value}'`,
  flag: String,
  options: (entries) =>
    entries.length === 0 ? undefined : `{ ${entries.map(([name, value]) => `${name}: ${value}`).join(', ')} }`,
};

const PYTHON: Language = {
  name: (camelCase) => camelCase.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  text: (value) => `"${value}"`,
  flag: (value) => (value ? 'True' : 'False'),
  options: (entries) =>
    entries.length === 0 ? undefined : entries.map(([name, value]) => `${PYTHON.name(name)}=${value}`).join(', '),
};

export function typescriptCode(thumbnails: readonly ThumbnailSettings[]): string {
  return `thumbnails: [\n${lines(thumbnails, TYPESCRIPT, '  ')}\n],`;
}

export function pythonCode(thumbnails: readonly ThumbnailSettings[]): string {
  return `thumbnails=[\n${lines(thumbnails, PYTHON, '    ')}\n],`;
}

/** Returns the content of a settings file for the commands `start` and `render`. */
export function settingsJson(thumbnails: readonly ThumbnailSettings[]): string {
  return `${JSON.stringify({ thumbnails }, null, 2)}\n`;
}

function lines(thumbnails: readonly ThumbnailSettings[], language: Language, indent: string): string {
  return thumbnails.map((thumbnail) => `${indent}${thumbnailCall(thumbnail, language)},`).join('\n');
}

function thumbnailCall(thumbnail: ThumbnailSettings, language: Language): string {
  const { name, fit, width, height, formats, position, background, enlarge, animated, keepMetadata = [] } = thumbnail;
  const [first] = formats;
  const isDefaultFormat =
    formats.length === 1 && first?.type === 'webp' && formatOptions(first, language) === undefined;
  const isSquareBox = fit === 'inside' && width === height;
  const options = language.options([
    ...(fit === 'inside' && !isSquareBox ? [['height', String(height)] as const] : []),
    ...(isDefaultFormat
      ? []
      : [['formats', `[${formats.map((format) => formatCall(format, language)).join(', ')}]`] as const]),
    ...(fit === 'cover' && position === 'attention' ? [['position', 'ThumbnailPosition.ATTENTION'] as const] : []),
    ...(background === undefined ? [] : [['background', language.text(background)] as const]),
    ...(enlarge ? [['enlarge', language.flag(true)] as const] : []),
    ...(animated ? [['animated', language.flag(true)] as const] : []),
    ...(keepMetadata.length === 0
      ? []
      : [
          [
            'keepMetadata',
            `[${keepMetadata.map((field) => `ThumbnailMetadata.${METADATA[field]}`).join(', ')}]`,
          ] as const,
        ]),
  ]);
  const size = fit === 'inside' ? [String(width)] : [String(width), String(height)];
  return `Thumbnail.${fit}(${[language.text(name), ...size, ...(options === undefined ? [] : [options])].join(', ')})`;
}

function formatCall(format: FormatSettings, language: Language): string {
  return `ThumbnailFormat.${format.type}(${formatOptions(format, language) ?? ''})`;
}

function formatOptions({ quality, effort, lossless }: FormatSettings, language: Language): string | undefined {
  return language.options([
    ...(quality === undefined ? [] : [['quality', String(quality)] as const]),
    ...(effort === undefined ? [] : [['effort', String(effort)] as const]),
    ...(lossless ? [['lossless', language.flag(true)] as const] : []),
  ]);
}
