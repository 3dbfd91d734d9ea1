import { CheckSkipped, expectEqual } from '../check';
import { decompressionBomb, svgWithReference, webPage } from '../sample-images';
import type { Check, VerifyRun } from '../verify-run';

/** Checks of sources that the pipeline must reject. */
export const REJECTION_CHECKS = {
  'reject-web-page': {
    title: 'A web page with the suffix of an image is rejected',
    run: (run) => expectRejection(run, 'page.jpg', webPage(), 'unsupported-format'),
  },
  'reject-empty-file': {
    title: 'An empty file is rejected',
    run: (run) => expectRejection(run, 'empty.jpg', Buffer.alloc(0), 'empty-file'),
  },
  'reject-decompression-bomb': {
    title: 'An image with too many pixels is rejected before it is decoded',
    run: async (run) => expectRejection(run, 'bomb.jpg', await decompressionBomb(), 'too-many-pixels'),
  },
  'reject-svg': {
    title: 'An SVG image is rejected unless the pipeline supports SVG',
    run: async (run) => {
      if (run.target.settings.allowSvg) {
        throw new CheckSkipped('the pipeline supports SVG');
      }
      return expectRejection(run, 'image.svg', svgWithReference(), 'unsupported-format', 'image/svg+xml');
    },
  },
} as const satisfies Readonly<Record<string, Check>>;

async function expectRejection(
  run: VerifyRun,
  name: string,
  body: Buffer,
  code: string,
  contentType = 'image/jpeg',
): Promise<string> {
  const manifest = await run.manifest(run.key(name), await run.put(name, body, { contentType }));
  expectEqual('code', manifest.status === 'rejected' ? manifest.rejection.code : manifest.status, code);
  return `rejected with ${code}`;
}
