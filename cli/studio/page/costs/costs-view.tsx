import type { VNode } from 'preact';
import type { StudioSettings } from '../../studio-api';

/** Placeholder. */
export function CostsView({ settings }: { readonly settings: StudioSettings }): VNode {
  return <h1>costs {settings.origin}</h1>;
}
