import { type ClientConfig, getImage, type ImageManifest, pictureAttributes } from 'cdk-thumbnails/client';
import { placeholderUrl } from 'cdk-thumbnails/client/placeholder';
import { type ReactElement, useEffect, useState } from 'react';

/** Props of {@link Picture}. */
export interface PictureProps {
  readonly config: ClientConfig;
  /** Source key of the image. */
  readonly image: string;
  readonly alt: string;
  /** Width of the image in the layout, as in the attribute `sizes`. */
  readonly sizes: string;
}

/** Shows an image as soon as its thumbnails exist, with a source element for each format. */
export function Picture({ config, image, alt, sizes }: PictureProps): ReactElement {
  const [manifest, setManifest] = useState<ImageManifest>();
  const [error, setError] = useState<string>();
  useEffect(() => {
    const controller = new AbortController();
    getImage(config, image, { signal: controller.signal }).then(setManifest, (reason: unknown) => {
      if (!controller.signal.aborted) {
        setError(reason instanceof Error ? reason.message : String(reason));
      }
    });
    return () => controller.abort();
  }, [config, image]);

  if (error !== undefined || manifest?.status === 'rejected') {
    return <p role="alert">{error ?? (manifest as ImageManifest & { status: 'rejected' }).rejection.message}</p>;
  }
  if (!manifest) {
    return <p>{alt} …</p>;
  }
  const { sources, img } = pictureAttributes(config, manifest, { alt, sizes });
  const { srcset, ...attributes } = img;
  return (
    <picture>
      {sources.map((source) => (
        <source key={source.type} type={source.type} srcSet={source.srcset} sizes={source.sizes} />
      ))}
      <img
        {...attributes}
        srcSet={srcset}
        style={{
          background: `center / cover url(${placeholderUrl(manifest.thumbHash)})`,
          width: '20rem',
          height: 'auto',
        }}
      />
    </picture>
  );
}
