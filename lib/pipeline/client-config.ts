import { Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { ThumbnailSettings } from '../../runtime/contract';
import { type ImageProps, ruleEntriesOf, thumbnailsOf } from '../thumbnail/image-settings';

/** Values of the client configuration. */
export interface ClientConfigValues {
  /** URL of the API with a slash at its end. */
  readonly apiUrl: string;
  /** URL of a distribution of the pipeline. */
  readonly distributionUrl: string | undefined;
  readonly images: ImageProps;
}

/** Returns the configuration of `cdk-thumbnails/client` as JSON text, which can contain tokens. */
export function clientConfigOf(scope: IConstruct, { apiUrl, distributionUrl, images }: ClientConfigValues): string {
  const rules = ruleEntriesOf(images).map(({ prefix, suffix, thumbnails }) => ({
    ...(prefix !== undefined && { prefix }),
    ...(suffix !== undefined && { suffix }),
    ...(thumbnails && { thumbnails: thumbnails.map(clientThumbnail) }),
  }));
  return Stack.of(scope).toJsonString({
    url: distributionUrl ?? apiUrl,
    // Distributions serve only reads.
    uploadUrl: `${apiUrl}uploads`,
    thumbnails: thumbnailsOf(images).map(clientThumbnail),
    // A rule without thumbnails matters, because it can apply before others.
    ...(rules.some((rule) => 'thumbnails' in rule) && { rules }),
  });
}

function clientThumbnail({ name, width, height, fit, formats }: ThumbnailSettings): object {
  return { name, width, height, fit, formats: formats.map(({ type }) => type) };
}
