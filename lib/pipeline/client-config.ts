import { Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { ThumbnailSettings } from '../../runtime/contract';

/** Values of the client configuration. */
export interface ClientConfigValues {
  /** URL of the API with a slash at its end. */
  readonly apiUrl: string;
  /** URL of a distribution of the pipeline. */
  readonly distributionUrl: string | undefined;
  readonly thumbnails: readonly ThumbnailSettings[];
}

/** Returns the configuration of `cdk-thumbnails/client` as JSON text, which can contain tokens. */
export function clientConfigOf(scope: IConstruct, { apiUrl, distributionUrl, thumbnails }: ClientConfigValues): string {
  return Stack.of(scope).toJsonString({
    url: distributionUrl ?? apiUrl,
    // Distributions serve only reads.
    uploadUrl: `${apiUrl}uploads`,
    thumbnails: thumbnails.map(({ name, width, height, fit, formats }) => ({
      name,
      width,
      height,
      fit,
      formats: formats.map(({ type }) => type),
    })),
  });
}
