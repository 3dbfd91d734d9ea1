/** A colour. Red, green and blue are numbers from 0 to 255. `alpha` is the opacity from 0 to 1. */
export interface Color {
  readonly r: number;
  readonly g: number;
  readonly b: number;
  readonly alpha: number;
}

/** Parses a colour in the format `#rrggbb` or `#rrggbbaa`. @see {@link ../contract!COLOR_PATTERN} */
export function parseColor(text: string): Color {
  const [r = 0, g = 0, b = 0, opacity = 255] = (text.slice(1).match(/../g) ?? []).map((pair) =>
    Number.parseInt(pair, 16),
  );
  return { r, g, b, alpha: opacity / 255 };
}

/** Returns the opaque colour that results from a translucent colour on a white background. */
export function overWhite({ r, g, b, alpha }: Color): Color {
  const mix = (channel: number): number => Math.round(channel * alpha + 255 * (1 - alpha));
  return { r: mix(r), g: mix(g), b: mix(b), alpha: 1 };
}

/** Returns a colour in the format `#rrggbb`. */
export function formatColor({ r, g, b }: Omit<Color, 'alpha'>): string {
  return `#${[r, g, b].map((channel) => Math.round(channel).toString(16).padStart(2, '0')).join('')}`;
}
