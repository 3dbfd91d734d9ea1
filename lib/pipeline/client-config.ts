import { Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { ThumbnailSettings } from '../../runtime/contract';
import { type ImageProps, ruleEntriesOf, thumbnailsOf } from '../thumbnail/image-settings';

/** Values of the client configuration. */
export interface ClientConfigValues {
  /** URL of the API with a trailing slash. */
  readonly apiUrl: string;
  /** URL of the API for uploads, with a trailing slash. */
  readonly apiWriteUrl: string;
  /** URL of a distribution of the pipeline. */
  readonly distributionUrl: string | undefined;
  /** Whether clients can send uploads only through a distribution. */
  readonly forwardsUploads: boolean;
  readonly images: ImageProps;
}

/** Returns the configuration of `cdk-thumbnails/client` as JSON text. The text can contain tokens. */
export function clientConfigOf(
  scope: IConstruct,
  { apiUrl, apiWriteUrl, distributionUrl, forwardsUploads, images }: ClientConfigValues,
): string {
  const rules = ruleEntriesOf(images).map(({ prefix, suffix, thumbnails }) => ({
    ...(prefix !== undefined && { prefix }),
    ...(suffix !== undefined && { suffix }),
    ...(thumbnails && { thumbnails: thumbnails.map(clientThumbnail) }),
  }));
  return Stack.of(scope).toJsonString({
    url: distributionUrl ?? apiUrl,
    uploadUrl: `${(forwardsUploads ? distributionUrl : undefined) ?? apiWriteUrl}uploads`,
    thumbnails: thumbnailsOf(images).map(clientThumbnail),
    // Includes rules without thumbnails. The client needs them, because only the first matching rule applies to an image.
    ...(rules.some((rule) => 'thumbnails' in rule) && { rules }),
  });
}

function clientThumbnail({ name, width, height, fit, formats }: ThumbnailSettings): object {
  return { name, width, height, fit, formats: formats.map(({ type }) => type) };
}
