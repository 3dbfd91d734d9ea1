import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { directoryHash } from '../../../scripts/directory-hash';
import { type Exports, filesIn } from '../../support/package-exports';
import { Consumers, resourcesOf, root, templateIn } from './installed-package';

let consumers: Consumers;
beforeAll(() => (consumers = new Consumers()));
afterAll(() => consumers.remove());

/** Returns the published hashes by architecture. */
function hashes(): Readonly<Record<string, string>> {
  return JSON.parse(readFileSync(join(consumers.library, 'dist/assets/hashes.json'), 'utf8')) as Record<string, string>;
}

describe('a TypeScript app with the files of cdk init and the example of the README', () => {
  let app: string;
  let runtime: string;
  beforeAll(() => {
    const [, example] = /^```ts\n([\s\S]*?)^```/m.exec(readFileSync(join(root, 'README.md'), 'utf8'))!;
    expect(example).toMatch(/new Stack\(new App\(\).*new ThumbnailPipeline\(/s);
    app = consumers.app('typescript', {
      'app.ts': example!,
      'cdk.json': JSON.stringify({ app: 'node ../node_modules/ts-node/dist/bin.js --prefer-ts-exts app.ts' }),
      'tsconfig.json': JSON.stringify({
        compilerOptions: {
          target: 'ES2022',
          module: 'NodeNext',
          moduleResolution: 'NodeNext',
          strict: true,
          skipLibCheck: true,
          types: ['node'],
        },
      }),
    });
  });

  test('the app compiles and synthesizes without esbuild, without Docker and without a network', () => {
    const { status, output } = consumers.node(app, [
      '../node_modules/aws-cdk/bin/cdk',
      'synth',
      '--quiet',
      '--no-notices',
    ]);
    expect({ status, output: status === 0 ? '' : output }).toEqual({ status: 0, output: '' });
    const template = templateIn(join(app, 'cdk.out'));
    const functions = resourcesOf(template, 'AWS::Lambda::Function').filter(({ Properties }) =>
      String(Properties?.['Handler']).includes('-function'),
    );
    expect(functions.map(({ Properties }) => Properties?.['Architectures'])).toEqual([['arm64'], ['arm64']]);
    const keys = functions.map(({ Properties }) => (Properties?.['Code'] as { readonly S3Key: string }).S3Key);
    expect(new Set(keys).size).toBe(1);
    runtime = join(app, 'cdk.out', `asset.${keys[0]!.replace('.zip', '')}`);
  });

  test('the cloud assembly of the app contains the complete runtime', () => {
    expect(directoryHash(runtime)).toBe(hashes()['arm64']);
    expect(readdirSync(join(runtime, 'node_modules/@img/sharp-linux-arm64/lib'))).toEqual([
      expect.stringMatching(/\.node$/),
    ]);
  });
});

const APP = (load: string): string => `${load}
const app = new App();
const stack = new Stack(app, 'Photos');
const photos = new ThumbnailPipeline(stack, 'Photos', {
  thumbnails: [Thumbnail.avatar(), ...Thumbnail.responsiveSet()],
  compute: ThumbnailCompute.fargate(),
  api: { access: ThumbnailAccess.publicRead() },
});
photos.addDistribution();
app.synth();
`;

describe.each([
  [
    'plain JavaScript',
    'app.js',
    APP(`const { App, Stack } = require('aws-cdk-lib');
const { Thumbnail, ThumbnailAccess, ThumbnailCompute, ThumbnailPipeline } = require('cdk-thumbnails');`),
  ],
  [
    'JavaScript with ECMAScript modules',
    'app.mjs',
    APP(`import { App, Stack } from 'aws-cdk-lib';
import { Thumbnail, ThumbnailAccess, ThumbnailCompute, ThumbnailPipeline } from 'cdk-thumbnails';`),
  ],
])('an app in %s', (name, file, text) => {
  test('the app synthesizes services on Fargate and a distribution', () => {
    const app = consumers.app(name.replaceAll(' ', '-'), { [file]: text });
    const { status, output } = consumers.node(app, [file], { CDK_OUTDIR: join(app, 'cdk.out') });
    expect({ status, output: status === 0 ? '' : output }).toEqual({ status: 0, output: '' });
    const template = templateIn(join(app, 'cdk.out'));
    expect(resourcesOf(template, 'AWS::ECS::Service')).toHaveLength(2);
    expect(resourcesOf(template, 'AWS::CloudFront::Distribution')).toHaveLength(1);
    const assembly = join(app, 'cdk.out');
    const files = readdirSync(assembly).filter((entry) => statSync(join(assembly, entry)).isFile());
    const dockerfiles = files.filter((file) => /^FROM /m.test(readFileSync(join(assembly, file), 'utf8')));
    expect(dockerfiles).toEqual([expect.stringMatching(/^asset\.[0-9a-f]{64}$/)]);
  });
});

describe('the command line of the package', () => {
  const bin = 'node_modules/cdk-thumbnails/dist/bundles/cdk-thumbnails.js';
  const supported = process.platform === 'linux' && ['arm64', 'x64'].includes(process.arch) && glibc();

  test('the command line prints its help', () => {
    const { status, output } = consumers.node(consumers.folder, [bin, '--help']);
    expect(status).toBe(0);
    expect(output).toMatch(/^Usage: cdk-thumbnails .*render/s);
  });

  (supported ? test : test.skip)('renders with the binaries of the package (Linux with glibc)', async () => {
    await sharp({ create: { width: 400, height: 300, channels: 3, background: 'navy' } })
      .jpeg()
      .toFile(join(consumers.folder, 'a.jpg'));
    const { status, output } = consumers.node(consumers.folder, [bin, 'render', 'a.jpg', '--out', 'thumbnails']);
    expect(output).toContain('a.jpg: jpeg 400×300, 3 thumbnails');
    expect(status).toBe(0);
    // Passes the content instead of the path, because the engine blocks the file loaders of libvips in this process.
    expect(await sharp(readFileSync(join(consumers.folder, 'thumbnails/a.jpg/small.webp'))).metadata()).toMatchObject({
      width: 200,
      height: 150,
    });
  });
});

test('every file that package.json lists exists', () => {
  const { main, types, bin, exports } = JSON.parse(readFileSync(join(consumers.library, 'package.json'), 'utf8')) as {
    readonly main: string;
    readonly types: string;
    readonly bin: Readonly<Record<string, string>>;
    readonly exports: Exports;
  };
  const missing = [main, types, ...Object.values(bin), ...filesIn(exports)].filter(
    (path) => !existsSync(join(consumers.library, path)),
  );
  expect(missing).toEqual([]);
});

function glibc(): boolean {
  const { header } = process.report.getReport() as { readonly header: { readonly glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime !== undefined;
}
