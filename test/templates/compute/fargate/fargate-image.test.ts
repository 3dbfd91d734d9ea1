// Container image: build context, Dockerfile, hash and registries. Synthesis requires no Docker.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { App, Stack, Stage } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import recommendedFlags from 'aws-cdk-lib/recommended-feature-flags.json';
import { type ThumbnailFargateOptions, ThumbnailCompute, ThumbnailPipeline } from '../../../../lib';
import { containerOf, fargate, type Kind } from '../../../support/templates/fargate';
import { newStack, quietly } from '../../../support/templates/stacks';

interface DockerAsset {
  readonly hash: string;
  readonly source: {
    readonly directory: string;
    readonly dockerFile: string;
    readonly platform: string;
    readonly dockerBuildArgs?: Record<string, string>;
  };
}

const VARIABLE = 'CDK_THUMBNAILS_RUNTIME';
const fixture = process.env[VARIABLE]!;
const root = join(__dirname, '..', '..', '..', '..');
let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'image-'))));
afterEach(() => {
  process.env[VARIABLE] = fixture;
  rmSync(folder, { recursive: true });
});

/** Synthesizes an app with one stack, and returns its assets. */
function synthesized(app: App): {
  readonly images: DockerAsset[];
  readonly files: string[];
  readonly directory: string;
} {
  const { directory } = quietly(() => app.synth());
  const [name] = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /Stack[0-9A-F]*\.assets\.json$/.test(path),
  );
  const path = join(directory, name!);
  const { files = {}, dockerImages = {} } = JSON.parse(readFileSync(path, 'utf8')) as {
    readonly files?: Readonly<Record<string, { readonly source: { readonly path: string } }>>;
    readonly dockerImages?: Readonly<Record<string, Omit<DockerAsset, 'hash'>>>;
  };
  return {
    images: Object.entries(dockerImages).map(([hash, image]) => ({ hash, ...image })),
    files: Object.values(files).map(({ source }) => source.path),
    directory: dirname(path),
  };
}

function imageWith(props: ThumbnailFargateOptions = {}): DockerAsset & { readonly assembly: string } {
  const app = new App({ context: recommendedFlags, outdir: mkdtempSync(join(folder, 'out-')) });
  const stack = new Stack(app, 'Stack');
  new ThumbnailPipeline(stack, 'Photos', { compute: ThumbnailCompute.fargate(props) });
  const { images, directory } = synthesized(app);
  expect(images).toHaveLength(1);
  return { ...images[0]!, assembly: directory };
}

test('the worker and the API share one image of the Dockerfile in the package', () => {
  const { source, assembly } = imageWith();
  expect(source.platform).toBe('linux/arm64');
  expect(source).not.toHaveProperty('dockerBuildArgs');
  const context = join(assembly, source.directory);
  expect(readFileSync(join(context, 'upload-function.js'))).toEqual(
    readFileSync(join(fixture, 'runtime', 'upload-function.js')),
  );
  // The path of the Dockerfile is relative to the build context.
  expect(readFileSync(join(context, source.dockerFile), 'utf8')).toBe(
    readFileSync(join(root, 'container', 'Dockerfile'), 'utf8'),
  );
  expect(imageWith({ architecture: ecs.CpuArchitecture.X86_64 }).source.platform).toBe('linux/amd64');
});

test('nested assemblies of stages contain a valid path to the Dockerfile', () => {
  const app = new App({ context: recommendedFlags, outdir: join(folder, 'out') });
  const stack = new Stack(new Stage(app, 'Production'), 'Stack');
  new ThumbnailPipeline(stack, 'Photos', { compute: ThumbnailCompute.fargate() });
  const { images, directory } = synthesized(app);
  const { source } = images[0]!;
  expect(readFileSync(join(directory, source.directory, source.dockerFile), 'utf8')).toBe(
    readFileSync(join(root, 'container', 'Dockerfile'), 'utf8'),
  );
});

test('the build context is the asset of the Lambda functions', () => {
  const app = new App({ context: recommendedFlags, outdir: join(folder, 'out') });
  const stack = new Stack(app, 'Stack');
  new ThumbnailPipeline(stack, 'Photos', {
    compute: ThumbnailCompute.fargate(),
    api: { compute: ThumbnailCompute.lambda() },
  });
  const { images, files } = synthesized(app);
  expect(files).toContain(images[0]!.source.directory);
});

describe('the hash of the image changes', () => {
  test('the hash of the image depends on the hash of the build instead of the files', () => {
    const before = imageWith().hash;
    process.env[VARIABLE] = join(folder, 'runtime');
    cpSync(fixture, process.env[VARIABLE], { recursive: true });
    writeFileSync(join(process.env[VARIABLE], 'runtime', 'upload-function.js'), '// other bytes, same hash');
    expect(imageWith().hash).toBe(before);
    writeFileSync(join(process.env[VARIABLE], 'hashes.json'), JSON.stringify({ arm64: 'b'.repeat(64) }));
    expect(imageWith().hash).not.toBe(before);
  });

  test('the hash of the image depends on the base image, the architecture and the Dockerfile', () => {
    const hashes = [
      imageWith(),
      imageWith({ baseImage: 'node:24' }),
      imageWith({ baseImage: `node@sha256:${'1'.repeat(64)}` }),
      imageWith({ architecture: ecs.CpuArchitecture.X86_64 }),
    ].map(({ hash }) => hash);
    expect(new Set(hashes).size).toBe(4);
    expect(imageWith({ architecture: ecs.CpuArchitecture.ARM64 }).hash).toBe(hashes[0]);
    // The image uses the Dockerfile of the package that contains the runtime.
    process.env[VARIABLE] = join(folder, 'package', 'dist', 'runtime');
    cpSync(fixture, process.env[VARIABLE], { recursive: true });
    expect(imageWith().hash).toBe(hashes[0]);
    const dockerfile = join(folder, 'package', 'container', 'Dockerfile');
    mkdirSync(dirname(dockerfile));
    writeFileSync(dockerfile, 'FROM scratch');
    const { hash, source, assembly } = imageWith();
    expect(hash).not.toBe(hashes[0]);
    expect(readFileSync(join(assembly, source.directory, source.dockerFile), 'utf8')).toBe('FROM scratch');
  });
});

test('the service passes the base image as a build argument', () => {
  expect(imageWith({ baseImage: 'example.com/node:24' }).source.dockerBuildArgs).toEqual({
    BASE_IMAGE: 'example.com/node:24',
  });
});

describe('an existing image', () => {
  const kinds: readonly Kind[] = ['worker', 'api'];

  test('an existing image from a registry requires no build', () => {
    const { template } = fargate({ image: ecs.ContainerImage.fromRegistry('example.com/mine:1') });
    expect(kinds.map((kind) => containerOf(template, kind)['Image'])).toEqual(Array(2).fill('example.com/mine:1'));
    expect(JSON.stringify(template.findResources('AWS::IAM::Policy'))).not.toContain('ecr:');
  });

  test('the execution role may pull an existing image from an ECR repository', () => {
    const { template } = fargate((stack) => ({
      image: ecs.ContainerImage.fromEcrRepository(
        ecr.Repository.fromRepositoryAttributes(stack, 'Mine', {
          repositoryName: 'mine',
          repositoryArn: 'arn:aws:ecr:eu-west-1:111111111111:repository/mine',
        }),
        '2',
      ),
    }));
    expect(JSON.stringify(containerOf(template, 'worker')['Image'])).toMatch(/mine:2/);
    expect(JSON.stringify(template.findResources('AWS::IAM::Policy'))).toContain('repository/mine');
  });

  test('an existing image requires no built runtime', () => {
    process.env[VARIABLE] = join(folder, 'nothing');
    expect(() => fargate({}, newStack())).toThrow(/nothing\/runtime is missing: run npm run build/);
    expect(() => fargate({ image: ecs.ContainerImage.fromRegistry('example.com/mine') }, newStack())).not.toThrow();
  });
});
