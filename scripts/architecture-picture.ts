// npx ts-node -T scripts/architecture-picture.ts: draws docs/architecture-*.svg from what the constructs make.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { ThumbnailCompute, ThumbnailPipeline } from '../lib';
import { draw } from './architecture/drawing';
import { graphOf } from './architecture/graph';

/** The pictures by their paths in the repository: one for each kind of compute, with all defaults. */
export function architecturePictures(): ReadonlyMap<string, string> {
  const kinds = { lambda: ThumbnailCompute.lambda(), fargate: ThumbnailCompute.fargate() };
  return new Map(
    Object.entries(kinds).map(([name, compute]) => {
      const photos = new ThumbnailPipeline(new Stack(new App(), 'Stack'), 'Photos', { compute });
      const description = `Architecture of a thumbnail pipeline with ThumbnailCompute.${name}()`;
      return [`docs/architecture-${name}.svg`, draw(graphOf(photos), description)];
    }),
  );
}

if (require.main === module) {
  for (const [path, picture] of architecturePictures()) {
    writeFileSync(join(__dirname, '..', path), picture);
    console.log(path);
  }
}
