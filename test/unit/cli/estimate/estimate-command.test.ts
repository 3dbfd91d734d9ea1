import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { App, Stack } from 'aws-cdk-lib';
import { estimateCost, type EstimateCommandOptions } from '../../../../cli/estimate/estimate-command';
import { TemplateError } from '../../../../cli/pipeline-templates';
import type { Estimate } from '../../../../cost';
import {
  Thumbnail,
  ThumbnailCompute,
  ThumbnailFormat,
  ThumbnailPipeline,
  type ThumbnailPipelineProps,
} from '../../../../lib';

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'estimate-'))));
afterEach(() => rmSync(directory, { recursive: true }));

function synthesize(...pipelines: ThumbnailPipelineProps[]): string {
  const app = new App({ outdir: directory });
  pipelines.forEach((props, index) => {
    new ThumbnailPipeline(
      new Stack(app, `Stack${index}`, { env: { account: '111111111111', region: 'eu-west-1' } }),
      'Photos',
      props,
    );
  });
  app.synth();
  return directory;
}

function run(path: string | undefined, given: Partial<EstimateCommandOptions> = {}): { out: string; err: string } {
  const [out, err] = [new PassThrough(), new PassThrough()];
  expect(estimateCost(path, { images: '1000', views: '0', ...given }, { out, err })).toBe(0);
  return { out: String(out.read() ?? ''), err: String(err.read() ?? '') };
}

const json = (path: string | undefined, given: Partial<EstimateCommandOptions> = {}) =>
  JSON.parse(run(path, { ...given, json: true }).out) as Estimate & { stack?: string };

test('the estimate command reads thumbnails, compute and Region of a cloud assembly', () => {
  const assembly = synthesize({ thumbnails: [Thumbnail.inside('large', 1600, { formats: [ThumbnailFormat.avif()] })] });
  const { stack, compute, api, workload } = json(assembly);
  expect({ stack, compute, api, region: workload.region }).toEqual({
    stack: 'Stack0',
    compute: 'lambda',
    api: 'lambda',
    region: 'eu-west-1',
  });
  expect(workload.thumbnails).toMatchObject([{ width: 1600, formats: [{ type: 'avif' }] }]);
});

test('the estimate command reads a single template file instead of a cloud assembly', () => {
  synthesize({});
  const { stack, workload } = json(join(directory, 'Stack0.template.json'));
  expect([stack, workload.region]).toEqual(['Stack0', 'us-east-1']);
});

test('the estimate command reads Fargate pipelines: with Spot and an API on Lambda, or without Spot and API', () => {
  const assembly = synthesize({}, { compute: ThumbnailCompute.fargate(), api: { compute: ThumbnailCompute.lambda() } });
  expect(json(assembly)).toMatchObject({ stack: 'Stack0', compute: 'lambda' });
  expect(json(assembly, { compute: 'fargate-spot' })).toMatchObject({
    stack: 'Stack1',
    compute: 'fargate-spot',
    api: 'lambda',
  });
  rmSync(directory, { recursive: true });
  const compute = ThumbnailCompute.fargate({ worker: { spotPercent: 0 } });
  expect(json(synthesize({ compute, apiEnabled: false }))).toMatchObject({ compute: 'fargate', api: 'none' });
});

test('the estimate command prints a table with the total cost', () => {
  const { out } = run(synthesize({}), { images: '1e6', views: '10,000,000', cacheHitRatio: '0.8' });
  expect(out).toMatch(/^Stack0: Lambda, API on Lambda, eu-west-1$/m);
  expect(out).toMatch(/^S3: requests of the runtime +\$26\.20 /m);
  expect(out).toMatch(/^total +\$[\d.]+ /m);
});

test('the estimate command lists prices that are unknown for the Region', () => {
  expect(run(synthesize({})).err).toMatch(/^eu-west-1: .*s3Put/);
  expect(run(synthesize({}), { region: 'us-east-1' }).err).toBe('');
});

test('the estimate command rejects invalid options', () => {
  const assembly = synthesize({});
  expect(() => run(assembly, { images: 'many' })).toThrow('--images: got "many"');
  expect(() => run(assembly, { views: '-1' })).toThrow('--views: got "-1"');
  expect(() => run(assembly, { compute: 'ec2' })).toThrow('--compute: got ec2; expected one of lambda,');
  expect(() => run(assembly, { region: 'mars-1' })).toThrow('--region: got mars-1; expected one of us-east-1,');
  expect(() => run(assembly, { cacheHitRatio: '2' })).toThrow('cacheHitRatio: 2 is out of range');
});

test('the estimate command rejects a missing file, and a template without a pipeline of the type in --compute', () => {
  writeFileSync(join(directory, 'empty.json'), '{"Resources":{}}');
  expect(() => run(join(directory, 'empty.json'))).toThrow(TemplateError);
  expect(() => run(join(directory, 'none'))).toThrow(TemplateError);
  expect(() => run(synthesize({}), { compute: 'fargate' })).toThrow(
    /no pipeline with compute fargate; .*lambda \(Stack0\)/,
  );
});
