import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { withoutHashes } from '../../support/templates/stacks';
import { propertiesOf, readJson, root, settings, synthesizeApp, type Synthesis } from './synthesized-app';

describe('the app', () => {
  let app: Synthesis;
  beforeAll(() => (app = synthesizeApp({ validates: true })));

  test('cdk.json runs the app without type checks and with the recommended feature flags', () => {
    expect(settings.app).toMatch(/^npx ts-node -T --prefer-ts-exts /);
    expect(existsSync(join(root, 'bin', 'thumbnails.ts'))).toBe(true);
    expect(settings.context).toEqual(
      readJson(join(root, 'node_modules', 'aws-cdk-lib', 'recommended-feature-flags.json')),
    );
  });

  test('the app has a stack for Lambda and a stack for Fargate', () => {
    expect(Object.keys(app.templates)).toEqual(['ThumbnailsFargate', 'ThumbnailsLambda']);
  });

  test('the app has a stable template for Lambda', () => {
    expect(withoutHashes(app.templates['ThumbnailsLambda'])).toMatchSnapshot();
  });

  test('the app has a stable template for Fargate', () => {
    expect(withoutHashes(app.templates['ThumbnailsFargate'])).toMatchSnapshot();
  });

  test('the validation of the CDK prints nothing for the app', () => {
    expect(app.report).toMatchObject({ pluginReports: [] });
    expect(app.output).toBe('');
  });

  test('the app builds the container image from the asset of the Lambda functions', () => {
    interface Assets {
      readonly files: Record<string, { readonly source: { readonly path: string } }>;
      readonly dockerImages?: Record<string, { readonly source: Record<string, string> }>;
    }
    const lambda = app.assets['ThumbnailsLambda'] as Assets;
    const images = Object.values((app.assets['ThumbnailsFargate'] as Assets).dockerImages ?? {});
    expect(images).toHaveLength(1);
    const { directory, dockerFile, platform } = images[0]!.source;
    expect(Object.values(lambda.files).map(({ source }) => source.path)).toContain(directory);
    expect(dockerFile).toMatch(/^\.\.\/asset\.[0-9a-f]{64}$/);
    expect(platform).toBe('linux/arm64');
  });
});

test('context values set an existing bucket and public read access', () => {
  const { templates } = synthesizeApp({
    context: { 'thumbnails:source-bucket': 'my-photos', 'thumbnails:public': 'true' },
  });
  for (const template of Object.values(templates)) {
    expect(propertiesOf(template, 'AWS::S3::Bucket')).toHaveLength(1);
    expect(propertiesOf(template, 'Custom::S3BucketNotifications')).toMatchObject([
      { BucketName: 'my-photos', Managed: false },
    ]);
    const routes = propertiesOf(template, 'AWS::ApiGatewayV2::Route');
    expect(routes).toMatchObject(routes.map(() => ({ AuthorizationType: 'NONE' })));
  }
  // A bucket supports one notification per key. Therefore, the second pipeline uses EventBridge.
  const notified = (stack: string): unknown => propertiesOf(templates[stack], 'AWS::Events::Rule').length;
  expect([notified('ThumbnailsLambda'), notified('ThumbnailsFargate')]).toEqual([0, 1]);
});
