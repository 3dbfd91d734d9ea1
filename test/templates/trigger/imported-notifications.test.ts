// The CDK's custom resource handler changes the notifications of imported buckets. These tests run the handler itself.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { ThumbnailPipelineProps } from '../../../lib';
import { onlyResource, synthesize } from '../../support/templates/stacks';

const HANDLER = join(
  dirname(require.resolve('aws-cdk-lib/package.json')),
  'custom-resource-handlers/dist/aws-s3/notifications-resource-handler/index.py',
);

/** Imitation of boto3 with one bucket. Like S3, the imitation generates missing ids of notifications. */
const FAKE_BOTO3 = `
import copy, uuid
state = {}
class Client:
  def get_bucket_notification_configuration(self, Bucket):
    return copy.deepcopy(state)
  def put_bucket_notification_configuration(self, Bucket, NotificationConfiguration, SkipDestinationValidation):
    state.clear()
    state.update(copy.deepcopy(NotificationConfiguration))
    for key in list(state):
      if key == 'EventBridgeConfiguration': continue
      if not state[key]: del state[key]; continue
      for item in state[key]:
        item['Id'] = item.get('Id') or str(uuid.uuid4())
def client(name):
  return Client()
`;
const DRIVER = `
import importlib.util, json, sys
import boto3
spec = importlib.util.spec_from_file_location('index', sys.argv[1])
index = importlib.util.module_from_spec(spec)
spec.loader.exec_module(index)
def submit(event, context, status, reason):
  if status != 'SUCCESS': raise Exception(reason)
index.submit_response = submit
request = json.load(sys.stdin)
boto3.state.update(request['before'])
after = []
for event in request['events']:
  index.handler(event, None)
  after.append(json.loads(json.dumps(boto3.state)))
print(json.dumps(after))
`;

interface Configuration {
  readonly Id?: string;
  readonly QueueArn?: string;
  readonly LambdaFunctionArn?: string;
  readonly Events: string[];
}
interface Notifications {
  readonly QueueConfigurations?: Configuration[];
  readonly LambdaFunctionConfigurations?: Configuration[];
  readonly EventBridgeConfiguration?: object;
}

/** Returns the resource properties that CloudFormation passes to the handler for a pipeline. */
function propertiesOf(stack: string, props: ThumbnailPipelineProps = {}): Record<string, unknown> {
  const { template } = synthesize((scope) => ({
    ...props,
    sourceBucket: s3.Bucket.fromBucketName(scope, 'Theirs', 'theirs'),
  }));
  const properties = onlyResource(template, 'Custom::S3BucketNotifications');
  const text = JSON.stringify(properties).replaceAll(
    /\{"Fn::GetAtt":\["PhotosQueue\w+","Arn"\]\}/g,
    `"queue-of-${stack}"`,
  );
  // CloudFormation passes every value as a string.
  return JSON.parse(text, (_key, value: unknown) => (typeof value === 'boolean' ? String(value) : value)) as Record<
    string,
    unknown
  >;
}

type Step = { readonly RequestType: string; readonly StackId: string; readonly ResourceProperties: unknown };
const create = (StackId: string, ResourceProperties: unknown): Step => ({
  RequestType: 'Create',
  StackId,
  ResourceProperties,
});
const remove = (StackId: string, ResourceProperties: unknown): Step => ({
  RequestType: 'Delete',
  StackId,
  ResourceProperties,
});
const update = (
  StackId: string,
  old: unknown,
  ResourceProperties: unknown,
): Step & { OldResourceProperties: unknown } => ({
  RequestType: 'Update',
  StackId,
  ResourceProperties,
  OldResourceProperties: old,
});

const hasPython = spawnSync('python3', ['--version']).status === 0;

(hasPython ? describe : describe.skip)('the notifications of an imported bucket', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'handler-'));
    writeFileSync(join(folder, 'boto3.py'), FAKE_BOTO3);
    writeFileSync(join(folder, 'driver.py'), DRIVER);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function run(before: Notifications, events: Step[]): Notifications[] {
    const { status, stdout, stderr } = spawnSync('python3', [join(folder, 'driver.py'), HANDLER], {
      input: JSON.stringify({ before, events }),
      encoding: 'utf8',
      env: { ...process.env, PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1' },
    });
    if (status !== 0) {
      throw new Error(stderr);
    }
    return JSON.parse(stdout) as Notifications[];
  }
  const queuesOf = ({ QueueConfigurations = [] }: Notifications = {}): (string | undefined)[] => [
    ...new Set(QueueConfigurations.map(({ QueueArn }) => QueueArn)),
  ];

  const theirs = { Id: 'theirs', LambdaFunctionArn: 'their-function', Events: ['s3:ObjectCreated:Put'] };
  const before: Notifications = {
    LambdaFunctionConfigurations: [theirs],
    QueueConfigurations: [{ Id: 'theirs-2', QueueArn: 'their-queue', Events: ['s3:ObjectTagging:*'] }],
    EventBridgeConfiguration: {},
  };

  test('existing notifications remain after the creation, update and deletion of a pipeline', () => {
    const first = propertiesOf('one');
    const second = propertiesOf('one', { sourcePrefix: 'uploads/', sourceSuffixes: ['.jpg'] });
    const [created, updated, deleted] = run(before, [
      create('one', first),
      update('one', first, second),
      remove('one', second),
    ]);

    expect(created?.LambdaFunctionConfigurations).toEqual([theirs]);
    expect(queuesOf(created)).toEqual(['their-queue', 'queue-of-one']);
    expect(created?.QueueConfigurations).toHaveLength(1 + 4);

    expect(updated?.LambdaFunctionConfigurations).toMatchObject([{ LambdaFunctionArn: 'their-function' }]);
    expect(queuesOf(updated)).toEqual(['their-queue', 'queue-of-one']);
    expect(updated?.QueueConfigurations).toHaveLength(1 + 8);

    expect(deleted?.LambdaFunctionConfigurations).toMatchObject([{ LambdaFunctionArn: 'their-function' }]);
    expect(queuesOf(deleted)).toEqual(['their-queue']);
    for (const step of [created, updated, deleted]) {
      expect(step?.EventBridgeConfiguration).toEqual({});
    }
  });

  test('the deletion of one stack keeps the notifications of another stack', () => {
    const [a, b] = [propertiesOf('one', { sourcePrefix: 'a/' }), propertiesOf('two', { sourcePrefix: 'b/' })];
    const [, both, one] = run({}, [create('one', a), create('two', b), remove('two', b)]);
    expect(queuesOf(both)).toEqual(['queue-of-one', 'queue-of-two']);
    expect(queuesOf(one)).toEqual(['queue-of-one']);
  });

  test('notifications of a deleted stack remain if another stack has removed their ids', () => {
    const [a, b] = [propertiesOf('one', { sourcePrefix: 'a/' }), propertiesOf('two', { sourcePrefix: 'b/' })];
    const changed = propertiesOf('one', { sourcePrefix: 'c/' });
    const [, , , remaining] = run({}, [
      create('one', a),
      create('two', b),
      update('one', a, changed),
      remove('two', b),
    ]);
    expect(queuesOf(remaining)).toContain('queue-of-two');
  });

  test('the handler deletes the notifications of two imports of one bucket together', () => {
    const [a, b] = [propertiesOf('one', { sourcePrefix: 'a/' }), propertiesOf('one', { sourcePrefix: 'b/' })];
    const [, , remaining] = run({}, [create('one', a), create('one', b), remove('one', b)]);
    expect(queuesOf(remaining)).toEqual([]);
  });
});
