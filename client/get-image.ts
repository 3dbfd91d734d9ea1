import type { ClientConfig } from './config';
import type { ReadyImage } from './picture';
import { type RequestOptions, retry } from './requests';
import { imageUrl } from './urls';

/**
 * Manifest of an image, which the API returns for `GET /images/{key}`.
 *
 * @see https://github.com/cdk-thumbnails/cdk-thumbnails/blob/main/docs/reference/openapi.json
 */
export type ImageManifest =
  | (ReadyImage & {
      readonly status: 'ready';
      readonly image: { readonly width: number; readonly height: number };
      readonly thumbHash: string;
      readonly dominantColor: string;
    })
  | { readonly status: 'rejected'; readonly rejection: { readonly code: string; readonly message: string } };

/**
 * Returns the manifest of an image. Repeats the request until the thumbnails exist.
 *
 * @throws ResponseError if the image does not exist, or the thumbnails do not exist after the last attempt
 */
export async function getImage(
  config: Pick<ClientConfig, 'url'>,
  key: string,
  options: RequestOptions = {},
): Promise<ImageManifest> {
  const { headers, signal } = options;
  const text = await retry(() => fetch(imageUrl(config, key), { headers, signal }), options);
  return JSON.parse(text) as ImageManifest;
}
