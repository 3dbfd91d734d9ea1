import type { VNode } from 'preact';
import type { StudioSettings } from '../../studio-api';

/** Placeholder. */
export function ImageView({ settings }: { readonly settings: StudioSettings; readonly imageKey: string }): VNode {
  return <h1>image {settings.origin}</h1>;
}
