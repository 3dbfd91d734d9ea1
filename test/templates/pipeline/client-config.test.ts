import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { type ClientConfig, loader } from '../../../client';
import { Thumbnail, ThumbnailAccess, ThumbnailFormat, ThumbnailPipeline } from '../../../lib';

const API = { access: ThumbnailAccess.publicRead() };

/** Returns the template and the client configuration. Replaces each token by its logical id. */
function configOf(create: (stack: Stack) => ThumbnailPipeline): { config: ClientConfig; template: Template } {
  const stack = new Stack(new App(), 'Photos');
  const pipeline = create(stack);
  new CfnOutput(stack, 'ClientConfig', { value: pipeline.clientConfig });
  const template = Template.fromStack(stack);
  const outputs = template.toJSON()['Outputs'] as { ClientConfig: { Value: { 'Fn::Join': [string, unknown[]] } } };
  const [, parts] = outputs.ClientConfig.Value['Fn::Join'];
  const text = parts
    .map((part) => (typeof part === 'string' ? part : (Object.values(part as object) as unknown[]).flat()[0]))
    .join('');
  return { config: JSON.parse(text) as ClientConfig, template };
}

test('the client configuration contains the URL of the API and the thumbnails', () => {
  const { config } = configOf(
    (stack) =>
      new ThumbnailPipeline(stack, 'Photos', {
        thumbnails: [
          Thumbnail.inside('small', 200, { formats: [ThumbnailFormat.avif(), ThumbnailFormat.jpeg()] }),
          Thumbnail.cover('square', 320, 320),
        ],
        api: API,
      }),
  );
  expect(config).toEqual({
    url: expect.stringMatching(/^https:\/\/\w+Api\w+\.execute-api\..*\/$/) as string,
    uploadUrl: `${config.url}uploads`,
    thumbnails: [
      { name: 'small', width: 200, height: 200, fit: 'inside', formats: ['avif', 'jpeg'] },
      { name: 'square', width: 320, height: 320, fit: 'cover', formats: ['webp'] },
    ],
  });
  expect(loader(config)({ src: 'a/cat.jpg', width: 100 })).toBe(`${config.url}thumbnails/small/a/cat.jpg`);
});

test('the client configuration contains the URL of the distribution for reading and the URL of the API for uploads', () => {
  const { config } = configOf((stack) => {
    const pipeline = new ThumbnailPipeline(stack, 'Photos', { api: API });
    pipeline.addDistribution();
    return pipeline;
  });
  expect(config.url).toMatch(/^https:\/\/\w*Distribution\w*\/$/);
  expect(config.uploadUrl).toMatch(/\.execute-api\..*\/uploads$/);
});

test('with onlyThroughDistribution, the client configuration contains the URL of the distribution for uploads', () => {
  const { config } = configOf((stack) => {
    const writeAccess = ThumbnailAccess.signed();
    const pipeline = new ThumbnailPipeline(stack, 'Photos', {
      api: { ...API, writeAccess, onlyThroughDistribution: true },
    });
    pipeline.addDistribution();
    return pipeline;
  });
  expect(config.url).toMatch(/^https:\/\/\w*Distribution\w*\/$/);
  expect(config.uploadUrl).toBe(`${config.url}uploads`);
});

test('the client configuration adds no resources', () => {
  const stack = new Stack(new App(), 'Photos');
  new ThumbnailPipeline(stack, 'Photos', { api: API });
  const { template } = configOf((other) => new ThumbnailPipeline(other, 'Photos', { api: API }));
  expect(template.toJSON()['Resources']).toEqual(Template.fromStack(stack).toJSON()['Resources']);
});

test('the client configuration throws for a pipeline without an API', () => {
  const pipeline = new ThumbnailPipeline(new Stack(), 'Photos', { apiEnabled: false });
  expect(() => pipeline.clientConfig).toThrow('Photos: clientConfig: the pipeline has no API');
});
