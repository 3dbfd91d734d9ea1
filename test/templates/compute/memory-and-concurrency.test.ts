import { Size } from 'aws-cdk-lib';
import { ThumbnailCompute, type ThumbnailLambdaOptions, type ThumbnailPipelineProps } from '../../../lib';
import { newStack, onlyResource, synthesize, warningsOf } from '../../support/templates/stacks';

const LITTLE_MEMORY = 'cdk-thumbnails:littleMemory';

describe('the memory for one image', () => {
  /** Returns the paths and ids of the warnings, without their text. */
  function warningsFor(props: ThumbnailPipelineProps): string[] {
    return warningsOf(synthesize(props).stack);
  }

  const huge = { maxFileSize: Size.gibibytes(2) };

  test.each<[string, ThumbnailPipelineProps, RegExp]>([
    [
      'a function of 512 MiB and files of 2 GiB',
      { compute: ThumbnailCompute.lambda({ memorySize: 512 }), limits: huge, apiEnabled: false },
      /^memorySize: 512 MiB.*\b2500 MiB/,
    ],
    [
      'a function of 1769 MiB and 250 megapixels',
      { limits: { maxPixels: 250_000_000, maxProgressivePixels: 250_000_000 }, apiEnabled: false },
      /^memorySize: 1769 MiB.*\b3011 MiB/,
    ],
    [
      'a task of 1 GiB and files of 2 GiB',
      { compute: ThumbnailCompute.fargate({ worker: { cpu: 512 } }), limits: huge, apiEnabled: false },
      /^memoryLimitMiB: 1024 .*\b832 MiB.*\b2500 MiB/,
    ],
  ])('the memory is not sufficient for %s', (_case, props, text) => {
    expect(warningsFor(props)).toEqual([expect.stringMatching(text)]);
    expect(warningsFor(props)).toEqual([expect.stringContaining(`[ack: ${LITTLE_MEMORY}]`)]);
  });

  test.each<[string, ThumbnailPipelineProps]>([
    ['functions and tasks by default', { api: { compute: ThumbnailCompute.fargate() } }],
    [
      'functions with the memory of large files',
      { compute: ThumbnailCompute.lambda({ memorySize: 3008 }), limits: huge },
    ],
    [
      'functions of 512 MiB with lower limits',
      { compute: ThumbnailCompute.lambda({ memorySize: 512 }), limits: { maxProgressivePixels: 24_000_000 } },
    ],
  ])('the memory is sufficient for %s', (_case, props) => {
    expect(warningsFor(props)).toEqual([]);
  });
});

describe('the maximum concurrency of the upload function', () => {
  function concurrencyOf(options: ThumbnailLambdaOptions): unknown {
    const { template } = synthesize({ compute: ThumbnailCompute.lambda(options) }, newStack());
    return onlyResource(template, 'AWS::Lambda::EventSourceMapping')['ScalingConfig'];
  }

  test('the maximum concurrency defaults to 100', () => {
    expect(concurrencyOf({})).toEqual({ MaximumConcurrency: 100 });
  });

  test('the maximum concurrency equals the option maxConcurrency', () => {
    expect(concurrencyOf({ maxConcurrency: 20 })).toEqual({ MaximumConcurrency: 20 });
  });

  test('the event source mapping has no maximum concurrency if reserved concurrency is set', () => {
    expect(concurrencyOf({ reservedConcurrentExecutions: 10 })).toBeUndefined();
  });
});
