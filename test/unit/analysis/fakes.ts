import type { AnalyzedImage } from '../../../runtime/analysis';

/** Returns an image with the given frames. */
export function imageOf(...frames: readonly string[]): AnalyzedImage {
  return {
    key: 'trip/my photo+1.jpg',
    etag: 'abc',
    source: { format: 'jpeg', width: 4000, height: 3000, frames: frames.length },
    frames: frames.map((body, index) => ({
      index,
      width: 1000,
      height: 750,
      content: { left: 0, top: 0, width: 1000, height: 750 },
      body: Buffer.from(body),
    })),
    wantsFocalPoint: true,
  };
}
