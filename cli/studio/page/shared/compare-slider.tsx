import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** Properties of {@link CompareSlider}. */
export interface CompareSliderProps {
  readonly original: string;
  readonly thumbnail: string;
  /** Format of the thumbnail. */
  readonly label: string;
  /** Width of both images in pixels. */
  readonly width: number;
  /** Height of both images in pixels. */
  readonly height: number;
}

/**
 * Two overlapping images of equal size with a slider that moves the border between the images. One image pixel occupies one
 * device pixel.
 */
export function CompareSlider({ original, thumbnail, label, width, height }: CompareSliderProps): VNode {
  const [percent, setPercent] = useState(50);
  const ratio = useDevicePixelRatio();
  const size = { width: `${width / ratio}px`, height: `${height / ratio}px` };
  return (
    <div class="compare-scroll" tabIndex={0} role="group" aria-label={`Original and ${label}`}>
      <div class="compare" style={size}>
        <img src={original} style={size} alt="Original without compression" />
        <img src={thumbnail} style={{ ...size, clipPath: `inset(0 0 0 ${percent}%)` }} alt={`Thumbnail as ${label}`} />
        <span class="line" style={{ left: `${percent}%` }} />
        <input
          type="range"
          min="0"
          max="100"
          step="0.5"
          value={percent}
          aria-label={`Width of the original, shown to the left of the ${label} thumbnail`}
          aria-valuetext={`${Math.round(percent)} % original`}
          onInput={({ currentTarget }) => setPercent(Number(currentTarget.value))}
        />
      </div>
      <p class="compare-labels" style={{ width: size.width }}>
        <span>Original</span>
        <span>{label}</span>
      </p>
    </div>
  );
}

/** Returns the number of device pixels per CSS pixel. The number changes with the zoom level and the screen. */
function useDevicePixelRatio(): number {
  const [ratio, setRatio] = useState(devicePixelRatio);
  useEffect(() => {
    const query = matchMedia(`(resolution: ${ratio}dppx)`);
    const update = (): void => setRatio(devicePixelRatio);
    query.addEventListener('change', update);
    return () => query.removeEventListener('change', update);
  }, [ratio]);
  return ratio;
}
