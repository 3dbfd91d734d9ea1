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
  type DescribeExecutionOutput,
  type ExecutionListItem,
} from '@aws-sdk/client-sfn';
import * as v from 'valibot';
import { withAwsErrors } from '../aws-errors';
import { listStackResources } from '../stack/stack-resources';

const STATE_MACHINE_ARN = /^arn:aws[a-z-]*:states:([a-z0-9-]+):\d{12}:stateMachine:[^:]+$/;
/**
 * Start of the field `Comment` in the definition of a backfill state machine, before the service name of the pipeline.
 */
const COMMENT = 'cdk-thumbnails backfill: ';
const PERMISSIONS =
  'states:DescribeStateMachine, states:ListExecutions and states:StartExecution on the state machine; ' +
  'states:DescribeExecution, states:ListMapRuns, states:StopExecution and states:RedriveExecution on its executions; ' +
  'states:DescribeMapRun on its map runs (grantStart() of the backfill grants all of them)';

/** Returns the schema of a JSONata literal, such as `{% "photos/" %}`. JSONata literals have JSON syntax. */
const literal = <T>(schema: v.GenericSchema<unknown, T>) =>
  v.pipe(
    v.string(),
    v.regex(/^\{% .* %\}$/s),
    v.transform((text): unknown => JSON.parse(text.slice(3, -3))),
    schema,
  );

const definitionSchema = v.object({
  Comment: v.pipe(v.string(), v.startsWith(COMMENT)),
  States: v.object({
    ReadInput: v.object({
      Assign: v.object({ sourcePrefix: literal(v.string()), sourceSuffixes: literal(v.array(v.string())) }),
    }),
    ListObjects: v.object({ ItemReader: v.object({ Arguments: v.object({ Bucket: v.string() }) }) }),
  }),
});

/** State machine of a backfill. */
export interface BackfillMachine {
  readonly arn: string;
  readonly region: string;
  /** Service name of the pipeline. */
  readonly pipeline: string;
  readonly sourceBucket: string;
  readonly sourcePrefix: string;
  readonly sourceSuffixes: readonly string[];
}

/** Numbers of listed, sent and failed keys of an execution. */
export interface KeyCounts {
  readonly sent: number;
  readonly failed: number;
  /** Number of keys that the execution has listed. */
  readonly total: number;
}

/**
 * Returns the state machine with this ARN.
 *
 * @throws Error if `arn` is not the ARN of a backfill state machine, or AWS rejects a request
 */
export async function describeMachine(arn: string): Promise<BackfillMachine> {
  const region = STATE_MACHINE_ARN.exec(arn)?.[1];
  if (region === undefined) {
    throw new Error(
      `--state-machine: got ${arn}; expected an ARN such as arn:aws:states:eu-central-1:111122223333:stateMachine:Name`,
    );
  }
  const machine = await readMachine(arn, region);
  if (!machine) {
    throw new Error(
      `--state-machine: got ${arn}, which belongs to no backfill; expected the ARN of a state machine that addBackfill() created`,
    );
  }
  return machine;
}

/**
 * Finds the state machine of a backfill in a deployed stack.
 *
 * @param pipeline service name of the pipeline; required if the stack contains several backfills
 * @throws Error if the stack contains no such state machine, or AWS rejects a request
 */
export async function findMachine(stack: string, pipeline?: string): Promise<BackfillMachine> {
  const machines: BackfillMachine[] = [];
  for (const { type, physicalId } of await listStackResources(stack)) {
    if (type === 'AWS::StepFunctions::StateMachine') {
      machines.push(
        ...([await readMachine(physicalId, physicalId.split(':')[3] ?? '')].filter(Boolean) as BackfillMachine[]),
      );
    }
  }
  const found = machines.filter((machine) => pipeline === undefined || machine.pipeline === pipeline);
  const names = machines.map((machine) => machine.pipeline).join(', ') || 'none';
  if (found.length !== 1) {
    throw new Error(
      found.length > 1
        ? `${stack}: contains several backfills; select one with --pipeline: ${names}`
        : `${stack}: contains no backfill${pipeline === undefined ? '' : ` of ${pipeline}`}; pipelines with a backfill: ${names}. ` +
            'Add a backfill with addBackfill() and deploy the stack',
    );
  }
  return found[0]!;
}

async function readMachine(arn: string, region: string): Promise<BackfillMachine | undefined> {
  const client = new SFNClient({ region });
  try {
    const command = new DescribeStateMachineCommand({ stateMachineArn: arn });
    const { definition = '' } = await withStatesErrors(arn, () => client.send(command));
    const parsed = v.safeParse(definitionSchema, JSON.parse(definition));
    if (!parsed.success) {
      return undefined;
    }
    const { Comment, States } = parsed.output;
    return {
      arn,
      region,
      pipeline: Comment.slice(COMMENT.length),
      sourceBucket: States.ListObjects.ItemReader.Arguments.Bucket,
      ...States.ReadInput.Assign,
    };
  } finally {
    client.destroy();
  }
}

/** Executions of a state machine. */
export class BackfillExecutions {
  private readonly client: SFNClient;

  public constructor(private readonly machine: Pick<BackfillMachine, 'arn' | 'region'>) {
    this.client = new SFNClient({ region: machine.region });
  }

  /** Returns the newest execution. With the filter `RUNNING`, returns the newest running execution. */
  public async newest(statusFilter?: 'RUNNING'): Promise<ExecutionListItem | undefined> {
    const { arn: stateMachineArn } = this.machine;
    const command = new ListExecutionsCommand({
      stateMachineArn,
      maxResults: 1,
      ...(statusFilter && { statusFilter }),
    });
    return (await this.send(() => this.client.send(command))).executions?.[0];
  }

  /** Starts an execution and returns its ARN. */
  public async start(input: object): Promise<string> {
    const command = new StartExecutionCommand({ stateMachineArn: this.machine.arn, input: JSON.stringify(input) });
    return (await this.send(() => this.client.send(command))).executionArn!;
  }

  /** Continues a failed or stopped execution with the batches that are not complete. */
  public async redrive(executionArn: string): Promise<void> {
    await this.send(() => this.client.send(new RedriveExecutionCommand({ executionArn })));
  }

  public async stop(executionArn: string): Promise<void> {
    const command = new StopExecutionCommand({
      executionArn,
      error: 'Stopped',
      cause: 'stopped by the command backfill',
    });
    await this.send(() => this.client.send(command));
  }

  public describe(executionArn: string): Promise<DescribeExecutionOutput> {
    return this.send(() => this.client.send(new DescribeExecutionCommand({ executionArn })));
  }

  /** Returns the numbers of sent, failed and listed keys. All numbers are 0 before Step Functions starts the map run. */
  public async counts(executionArn: string): Promise<KeyCounts> {
    const { mapRuns = [] } = await this.send(() => this.client.send(new ListMapRunsCommand({ executionArn })));
    let [sent, failed, total] = [0, 0, 0];
    for (const { mapRunArn } of mapRuns) {
      const { itemCounts } = await this.send(() => this.client.send(new DescribeMapRunCommand({ mapRunArn })));
      sent += itemCounts?.succeeded ?? 0;
      failed += (itemCounts?.failed ?? 0) + (itemCounts?.timedOut ?? 0);
      total += itemCounts?.total ?? 0;
    }
    return { sent, failed, total };
  }

  public close(): void {
    this.client.destroy();
  }

  private send<T>(request: () => Promise<T>): Promise<T> {
    return withStatesErrors(this.machine.arn, request);
  }
}

function withStatesErrors<T>(resource: string, request: () => Promise<T>): Promise<T> {
  return withAwsErrors({ resource, kind: 'state machine', permissions: PERMISSIONS }, request);
}
