import type { VNode } from 'preact';
import type { StudioSettings } from '../../studio-api';

/** Placeholder. */
export function DesignView({
  settings,
}: {
  readonly settings: StudioSettings;
  readonly initialKey?: string | undefined;
}): VNode {
  return <h1>design {settings.origin}</h1>;
}
