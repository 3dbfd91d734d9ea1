import type { ClientConfig, ImageFormat } from './config';
import { absoluteUrl } from './urls';

/** Fields of a manifest with status `ready` that a `<picture>` element requires. */
export interface ReadyImage {
  readonly thumbnails: readonly {
    readonly format: ImageFormat;
    readonly contentType: string;
    readonly width: number;
    readonly height: number;
    readonly url: string;
  }[];
  readonly srcset: Readonly<Partial<Record<ImageFormat, string>>>;
}

/** Options of {@link pictureAttributes}. */
export interface PictureOptions {
  /** Text alternative of the image for the attribute `alt`. */
  readonly alt: string;
  /** Width of the image in the layout, as in the attribute `sizes`. @default '100vw' */
  readonly sizes?: string;
}

/** HTML attributes of the elements in a `<picture>` element. In React and Preact, the attribute `srcset` is named `srcSet`. */
export interface PictureAttributes {
  /** Attributes of the `<source>` elements, in order. The browser uses the first element with a supported type. */
  readonly sources: readonly { readonly type: string; readonly srcset: string; readonly sizes: string }[];
  readonly img: {
    readonly src: string;
    readonly srcset: string;
    readonly sizes: string;
    readonly width: number;
    readonly height: number;
    readonly alt: string;
  };
}

/** Formats in the order of the `<source>` elements. The format with the smallest files is first. */
const SOURCE_ORDER: readonly ImageFormat[] = ['avif', 'webp', 'png', 'gif', 'jpeg'];

/**
 * Returns the attributes of a `<picture>` element for the manifest of an image.
 *
 * @param config configuration with the URL of the API. The paths in the manifest are relative to the URL of the API.
 * @param image manifest with status `ready` from `GET /images/{key}`
 * @throws Error if the manifest has no thumbnails
 */
export function pictureAttributes(
  config: Pick<ClientConfig, 'url'>,
  { thumbnails, srcset }: ReadyImage,
  { alt, sizes = '100vw' }: PictureOptions,
): PictureAttributes {
  const formats = SOURCE_ORDER.filter((format) => srcset[format]);
  const last = formats[formats.length - 1]!;
  const [largest] = thumbnails
    .filter(({ format, url }) => format === last && srcset[last]!.includes(url))
    .sort((one, other) => other.width - one.width);
  if (!largest) {
    throw new Error('image.srcset: got no thumbnails; expected a manifest with status ready from GET /images/{key}');
  }
  const attributes = (format: ImageFormat): { srcset: string; sizes: string } => ({
    srcset: srcset[format]!.replace(
      /(^|, )(\/\S+)/g,
      (_, start: string, path: string) => start + absoluteUrl(config, path),
    ),
    sizes,
  });
  const { url, width, height } = largest;
  return {
    sources: formats.slice(0, -1).map((format) => ({
      type: thumbnails.find((thumbnail) => thumbnail.format === format)!.contentType,
      ...attributes(format),
    })),
    img: { src: absoluteUrl(config, url), ...attributes(last), width, height, alt },
  };
}
