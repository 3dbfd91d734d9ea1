import { join } from 'node:path';
import type { CloudFormationStackArtifact } from 'aws-cdk-lib/cx-api';
import { synthesizeCode } from '../../support/templates/synthesized-code';
import { blocksOf, read, root } from './blocks';

const PAGE = 'docs/guides/cross-account.md';

interface Statement {
  readonly Action: string | readonly string[];
  readonly Effect: string;
  readonly Resource: unknown;
  readonly Principal?: unknown;
}
interface Template {
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties: Record<string, unknown> }>>;
}

const { code } = blocksOf(PAGE).find(({ language }) => language === 'ts')!;

let stacks: CloudFormationStackArtifact[];
beforeAll(() => {
  stacks = synthesizeCode(code, { file: join(root, PAGE) });
});

function resources(stack: string, type: string, from = stacks): Record<string, unknown>[] {
  const { template } = from.find(({ stackName }) => stackName === stack)! as { readonly template: Template };
  return Object.values(template.Resources)
    .filter(({ Type }) => Type === type)
    .map(({ Properties }) => Properties);
}

function statementsOf(stack: string, type: string, property: string, from = stacks): Statement[] {
  return resources(stack, type, from).flatMap(
    (properties) => (properties[property] as { readonly Statement: Statement[] }).Statement,
  );
}

/** Returns the actions of statements, sorted. */
function actionsOf(statements: readonly Statement[]): string[] {
  return [...new Set(statements.flatMap(({ Action }) => Action))].toSorted();
}

const mentions = (value: unknown, text: string): boolean => JSON.stringify(value).includes(text);

test('the bucket policy of the owner allows the actions that the roles of the pipeline use', () => {
  const used = statementsOf('Photos', 'AWS::IAM::Policy', 'PolicyDocument').filter(({ Resource }) =>
    mentions(Resource, 'shop-uploads'),
  );
  const allowed = statementsOf('Uploads', 'AWS::S3::BucketPolicy', 'PolicyDocument').filter(
    ({ Effect, Principal }) => Effect === 'Allow' && mentions(Principal, '111111111111'),
  );
  expect(actionsOf(used)).toEqual(['s3:GetObject', 's3:ListBucket']);
  expect(actionsOf(allowed)).toEqual(actionsOf(used));
});

test('the key policy of the owner allows the actions that the roles of the pipeline use', () => {
  const used = statementsOf('Photos', 'AWS::IAM::Policy', 'PolicyDocument').filter(({ Resource }) =>
    mentions(Resource, '11111111-2222-3333-4444-555555555555'),
  );
  const allowed = statementsOf('Uploads', 'AWS::KMS::Key', 'KeyPolicy').filter(({ Principal }) =>
    mentions(Principal, '111111111111'),
  );
  expect(actionsOf(used)).toEqual(['kms:Decrypt']);
  expect(actionsOf(allowed)).toEqual(['kms:Decrypt']);
});

test('the page lists the additional actions of an API with writeAccess', () => {
  const prop = "sourcePrefix: 'photos/',";
  expect(code).toContain(prop);
  const writable = synthesizeCode(
    code
      .replace('{ ThumbnailPipeline, ', '{ ThumbnailAccess, ThumbnailPipeline, ')
      .replace(prop, `${prop} api: { writeAccess: ThumbnailAccess.iam() },`),
    { file: join(root, PAGE) },
  );
  const actionsOn = (resource: string, from: CloudFormationStackArtifact[]): string[] =>
    actionsOf(
      statementsOf('Photos', 'AWS::IAM::Policy', 'PolicyDocument', from).filter(({ Resource }) =>
        mentions(Resource, resource),
      ),
    );
  const additional = (resource: string): string[] => {
    const before = actionsOn(resource, stacks);
    return actionsOn(resource, writable).filter((action) => !before.includes(action));
  };
  const [, text = ''] = read(PAGE).split('An API with `writeAccess`');
  const documented = (subject: string): (string | undefined)[] => {
    const line = new RegExp(`^- ${subject}: (.+)$`, 'm').exec(text)?.[1] ?? '';
    return Array.from(line.matchAll(/`(\w+:\w+)`/g), ([, action]) => action).toSorted();
  };
  expect(additional('shop-uploads')).toEqual(['s3:DeleteObject', 's3:PutObject']);
  expect(documented('bucket policy')).toEqual(additional('shop-uploads'));
  expect(additional('11111111-2222-3333-4444-555555555555')).toEqual(['kms:GenerateDataKey']);
  expect(documented('key policy')).toEqual(additional('11111111-2222-3333-4444-555555555555'));

  const { messages } = writable.find(({ stackName }) => stackName === 'Photos')!;
  const warnings = messages.map(({ entry }) => JSON.stringify(entry.data));
  expect(warnings).toContainEqual(expect.stringMatching(/s3:PutObject.*s3:DeleteObject.*otherAccountBucket/));
});

test('the rule of the owner forwards all events that the rule of the pipeline selects', () => {
  const [forward] = resources('Uploads', 'AWS::Events::Rule') as [Record<string, never>];
  const [rule] = resources('Photos', 'AWS::Events::Rule') as [{ readonly EventPattern: Record<string, unknown> }];
  expect(forward['EventPattern']).toEqual({ source: ['aws.s3'], detail: { bucket: { name: ['shop-uploads'] } } });
  expect(rule.EventPattern).toMatchObject({ source: ['aws.s3'], detail: { bucket: { name: ['shop-uploads'] } } });
  expect(forward['Targets']).toMatchObject([{ Arn: 'arn:aws:events:eu-central-1:111111111111:event-bus/default' }]);
  expect(resources('Photos', 'AWS::Events::EventBusPolicy')).toMatchObject([
    { Action: 'events:PutEvents', Principal: '222222222222' },
  ]);
});

test('synthesis warns about the permissions and the events of the other account', () => {
  const { messages } = stacks.find(({ stackName }) => stackName === 'Photos')!;
  const warnings = messages.map(({ entry }) => JSON.stringify(entry.data));
  for (const id of ['otherAccountBucket', 'otherAccountEvents']) {
    expect(warnings).toContainEqual(expect.stringContaining(`cdk-thumbnails:${id}`));
  }
});
