import { PassThrough } from 'node:stream';
import { CloudFormationClient, ListStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import {
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  DescribeStateMachineCommand,
  ListExecutionsCommand,
  ListMapRunsCommand,
  RedriveExecutionCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
  type ExecutionStatus,
} from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { backfillStack, type BackfillOptions, type Interaction } from '../../../../cli/backfill/backfill-command';
import type { BackfillRecord } from '../../../../cli/backfill/backfill-progress';
import { backfillDefinition } from '../../../../lib/backfill/backfill-definition';

const MACHINE = 'arn:aws:states:eu-central-1:111122223333:stateMachine:Backfill';
const EXECUTION = 'arn:aws:states:eu-central-1:111122223333:execution:Backfill:1';
const stepFunctions = mockClient(SFNClient);
const cloudFormation = mockClient(CloudFormationClient);
const s3 = mockClient(S3Client);

/** Returns the state machine definition that the backfill construct deploys. */
const definition = (serviceName: string): string =>
  JSON.stringify(
    backfillDefinition({
      partition: 'aws',
      serviceName,
      sourceBucketName: 'photos',
      sourcePrefix: 'in/',
      sourceSuffixes: ['.jpg'],
      queueUrl: 'https://sqs/queue',
      maxBacklog: 1000,
      maxConcurrency: 5,
      toleratedFailurePercentage: 0,
      canStopOlder: false,
    }),
  );

beforeEach(() => {
  [stepFunctions, cloudFormation, s3].forEach((mock) => mock.reset());
  stepFunctions.on(DescribeStateMachineCommand).resolves({ definition: definition('Photos') });
  stepFunctions.on(ListExecutionsCommand).resolves({ executions: [] });
  stepFunctions.on(StartExecutionCommand).resolves({ executionArn: EXECUTION });
  stepFunctions.on(ListMapRunsCommand).resolves({ mapRuns: [] });
});

/** Mocks the states of the execution. Each request returns the next state. Further requests return the last state. */
function statesOf(...states: readonly [status: ExecutionStatus, sent: number, failed?: number][]): void {
  const describe = stepFunctions.on(DescribeExecutionCommand);
  const counts = stepFunctions.on(DescribeMapRunCommand);
  stepFunctions.on(ListMapRunsCommand).resolves({
    mapRuns: [{ executionArn: EXECUTION, mapRunArn: 'map', stateMachineArn: MACHINE, startDate: new Date(0) }],
  });
  states.forEach(([status, succeeded, failed = 0], index) => {
    const isLast = index === states.length - 1;
    const execution = { status, input: '{}', ...(status === 'FAILED' && { error: 'KeysNotSent', cause: 'throttled' }) };
    const itemCounts = {
      succeeded,
      failed,
      timedOut: 0,
      total: 1000,
      pending: 0,
      running: 0,
      aborted: 0,
      resultsWritten: 0,
    };
    describe[isLast ? 'resolves' : 'resolvesOnce'](execution);
    counts[isLast ? 'resolves' : 'resolvesOnce']({ itemCounts });
  });
}

async function run(options: Partial<BackfillOptions> = {}, interaction: Partial<Interaction> = {}, isTTY = false) {
  const [out, err] = [new PassThrough(), new PassThrough()].map((stream) => Object.assign(stream, { isTTY }));
  const code = await backfillStack(
    { stateMachine: options.stack === undefined ? MACHINE : undefined, ...options },
    { out: out!, err: err! },
    { signal: new AbortController().signal, intervalMs: 1, ...interaction },
  );
  const textOf = (stream: PassThrough | undefined): string => ((stream?.read() ?? '') as Buffer | string).toString();
  return { code, out: textOf(out), err: textOf(err) };
}

/** Returns an interaction that interrupts the command and then answers the question. */
const interrupted = (answer?: string): Partial<Interaction> => ({
  signal: AbortSignal.abort(),
  ask: () => Promise.resolve(answer),
});

test('the backfill command starts the state machine with the filters, and prints the progress', async () => {
  statesOf(['RUNNING', 0], ['RUNNING', 400, 10], ['SUCCEEDED', 990, 10]);
  const { code, out } = await run({ prefix: 'in/2026/', suffix: ['.png'], since: '2026-11-01' });
  const lines = out.trim().split('\n');
  expect(lines).toHaveLength(3);
  expect(lines[1]).toMatch(/^running: 400 of 1000 keys sent, 10 failed, [\d.]+\/s, at most about \$\d/);
  expect(lines[2]).toMatch(/^succeeded: 990 of 1000 keys sent, 10 failed/);
  expect(code).toBe(0);
  const [start] = stepFunctions.commandCalls(StartExecutionCommand);
  expect(JSON.parse(start!.args[0].input.input!)).toEqual({
    prefix: 'in/2026/',
    suffixes: ['.png'],
    since: '2026-11-01T00:00:00.000Z',
  });
});

test('the backfill command prints JSON records with --json', async () => {
  statesOf(['RUNNING', 0], ['SUCCEEDED', 1000]);
  const { out } = await run({ json: true }, {}, true);
  const records = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as BackfillRecord);
  expect(records.map(({ status, done, total }) => [status, done, total])).toEqual([
    ['RUNNING', 0, 1000],
    ['SUCCEEDED', 1000, 1000],
  ]);
  expect(records[0]).toMatchObject({ execution: EXECUTION, usd: expect.any(Number) as number });
});

test('the backfill command draws a progress bar on a terminal', async () => {
  statesOf(['RUNNING', 400], ['SUCCEEDED', 1000]);
  const { out, err } = await run({}, {}, true);
  expect(err).toContain('400/1000 keys sent');
  expect(out).toMatch(/^succeeded: 1000 of 1000 keys sent/);
});

test('the backfill command prints the reason for a failure and ends with exit code 1', async () => {
  statesOf(['FAILED', 10]);
  const { code, out } = await run();
  expect(out).toMatch(/: KeysNotSent: throttled$/m);
  expect(code).toBe(1);
});

describe('interruption', () => {
  test('the backfill command stops the execution after a confirmation', async () => {
    statesOf(['RUNNING', 0], ['ABORTED', 0]);
    expect((await run({}, interrupted('y'), true)).code).toBe(130);
    expect(stepFunctions.commandCalls(StopExecutionCommand)).toHaveLength(1);
  });

  test.each([
    ['without confirmation', {}, true, interrupted('')],
    ['after a second interruption', {}, true, interrupted(undefined)],
    ['with --json', { json: true }, true, interrupted('y')],
    ['without a terminal', {}, false, interrupted('y')],
  ])('without confirmation, the command leaves the execution running %s', async (_, options, isTTY, interaction) => {
    statesOf(['RUNNING', 0]);
    const { code, err } = await run(options, interaction, isTTY);
    expect(err).toContain('the backfill continues');
    expect(code).toBe(130);
    expect(stepFunctions.commandCalls(StopExecutionCommand)).toEqual([]);
  });
});

describe('an existing execution', () => {
  function existing(status: ExecutionStatus): void {
    const executions = [
      { executionArn: EXECUTION, stateMachineArn: MACHINE, name: '1', status, startDate: new Date(0) },
    ];
    stepFunctions.on(ListExecutionsCommand, { statusFilter: 'RUNNING' }).resolves({
      executions: status === 'RUNNING' ? executions : [],
    });
    stepFunctions.on(ListExecutionsCommand, { statusFilter: undefined, maxResults: 1 }).resolves({ executions });
  }

  test('the backfill command follows a running execution', async () => {
    existing('RUNNING');
    statesOf(['SUCCEEDED', 1000]);
    expect((await run()).err).toContain('already running');
    expect(stepFunctions.commandCalls(StartExecutionCommand)).toEqual([]);
  });

  test('the backfill command throws an error if the filters of a running execution differ from its options', async () => {
    existing('RUNNING');
    statesOf(['RUNNING', 0]);
    await expect(run({ prefix: 'in/2026/' })).rejects.toThrow(/--prefix, --suffix or --since: .* \{\}/);
  });

  test('the option --resume continues a failed execution', async () => {
    existing('FAILED');
    stepFunctions.on(RedriveExecutionCommand).resolves({});
    statesOf(['SUCCEEDED', 1000]);
    expect((await run({ resume: true })).code).toBe(0);
    expect(stepFunctions.commandCalls(RedriveExecutionCommand)[0]!.args[0].input).toEqual({ executionArn: EXECUTION });
    expect(stepFunctions.commandCalls(StartExecutionCommand)).toEqual([]);
  });

  test('the option --resume rejects a succeeded execution', async () => {
    existing('SUCCEEDED');
    await expect(run({ resume: true })).rejects.toThrow(
      '--resume: the last backfill of Photos has the status SUCCEEDED',
    );
  });
});

test('the option --dry-run prints the number of sources and the cost, and starts no execution', async () => {
  const object = (Key: string, Size = 1e6) => ({ Key, Size, ETag: '"e"', LastModified: new Date(0) });
  s3.on(ListObjectsV2Command).resolves({ Contents: [object('in/1.jpg'), object('in/2.JPG'), object('in/3.txt')] });
  const { code, out } = await run({ dryRun: true, json: true });
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ pipeline: 'Photos', sourceBucket: 'photos', sources: 2, bytes: 2e6 });
  expect(s3.commandCalls(ListObjectsV2Command)[0]!.args[0].input).toMatchObject({ Bucket: 'photos', Prefix: 'in/' });
  expect(stepFunctions.commandCalls(StartExecutionCommand)).toEqual([]);
});

describe('--stack', () => {
  function stackWith(...services: readonly string[]): void {
    cloudFormation.on(ListStackResourcesCommand).resolves({
      StackResourceSummaries: services.map((name) => ({
        ResourceType: 'AWS::StepFunctions::StateMachine',
        PhysicalResourceId: `${MACHINE}${name}`,
        LogicalResourceId: name,
        LastUpdatedTimestamp: new Date(0),
        ResourceStatus: 'CREATE_COMPLETE',
      })),
    });
    for (const name of services) {
      const text = name === 'Other' ? JSON.stringify({ Comment: 'another state machine' }) : definition(name);
      stepFunctions
        .on(DescribeStateMachineCommand, { stateMachineArn: `${MACHINE}${name}` })
        .resolves({ definition: text });
    }
  }

  test('the option --stack finds the backfill among other state machines', async () => {
    stackWith('Other', 'Photos');
    statesOf(['SUCCEEDED', 1]);
    expect((await run({ stack: 'Stack' })).code).toBe(0);
    expect(stepFunctions.commandCalls(StartExecutionCommand)[0]!.args[0].input.stateMachineArn).toBe(
      `${MACHINE}Photos`,
    );
  });

  test('the option --stack requires --pipeline if the stack has several backfills', async () => {
    stackWith('Cats', 'Dogs');
    await expect(run({ stack: 'Stack' })).rejects.toThrow('select one with --pipeline: Cats, Dogs');
  });

  test('the option --stack rejects a stack without a backfill', async () => {
    stackWith('Other');
    await expect(run({ stack: 'Stack' })).rejects.toThrow(/contains no backfill; .*addBackfill/);
  });
});

test.each([
  ['neither stack nor state machine', { stateMachine: undefined }, 'expected either --stack or --state-machine'],
  ['a name as state machine', { stateMachine: 'Backfill' }, '--state-machine: got Backfill'],
])('the backfill command rejects %s', async (_, options, message) => {
  await expect(run(options as Partial<BackfillOptions>)).rejects.toThrow(message);
});

test('the backfill command rejects a state machine that is not the state machine of a backfill', async () => {
  stepFunctions.on(DescribeStateMachineCommand).resolves({ definition: '{"StartAt":"A","States":{}}' });
  await expect(run()).rejects.toThrow(`${MACHINE}, which belongs to no backfill`);
});

test('the backfill command lists the required permissions when access is denied', async () => {
  stepFunctions
    .on(DescribeStateMachineCommand)
    .rejects(Object.assign(new Error('not authorized'), { name: 'AccessDeniedException', $metadata: {} }));
  await expect(run()).rejects.toThrow(/required: states:DescribeStateMachine/);
});
