import { createHash } from 'node:crypto';
import { ArnFormat, CfnOutput, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId } from 'aws-cdk-lib/custom-resources';
import { Construct } from 'constructs';
import type { IThumbnailPipeline } from '../pipeline/thumbnail-pipeline-interface';
import { injectedProps } from '../private/property-injection';
import { toJson } from '../private/stacks';
import { ValidationErrors } from '../private/validation';
import { backfillDefinition } from './backfill-definition';
import { backfillSourceOf, type BackfillSource } from './backfill-source';
import { extendRetention, type ThumbnailBackfillOptions, validateBackfill } from './thumbnail-backfill-options';
import { ThumbnailRefresh } from './thumbnail-refresh';

/** Properties of {@link ThumbnailBackfill}. */
export interface ThumbnailBackfillProps extends ThumbnailBackfillOptions {
  /** Pipeline of this app. Imported pipelines are not supported. */
  readonly pipeline: IThumbnailPipeline;
}

/**
 * State machine that sends the keys of existing images to the queue of a pipeline. The state machine waits while the queue has
 * more than `maxBacklog` messages. Therefore, the workers determine the rate.
 *
 * The workers skip current thumbnail sets. Therefore, you can stop and repeat an execution at any time. The state machine costs
 * nothing without executions. All properties of the input are optional: `prefix`, `suffixes`, `since` (ISO 8601), `manifest`.
 */
export class ThumbnailBackfill extends Construct {
  /** Id of this class for property injectors. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-thumbnails.ThumbnailBackfill';

  /** State machine. */
  public readonly stateMachine: sfn.StateMachine;

  /**
   * Creates the state machine.
   *
   * @param scope parent construct
   * @param id construct id
   * @param props pipeline, limits and refresh
   * @throws Error if props are invalid; the message lists all errors
   */
  public constructor(scope: Construct, id: string, props: ThumbnailBackfillProps) {
    super(scope, id);
    props = injectedProps(scope, id, ThumbnailBackfill.PROPERTY_INJECTION_ID, props);
    const errors = new ValidationErrors();
    errors.add(validateBackfill(props));
    errors.throwIfAny(this);

    const source = backfillSourceOf(this, props.pipeline);
    const { inventoryBucket, refresh = ThumbnailRefresh.never() } = props;
    extendRetention(this, source.queue, source.isQueueCreated);
    const definition = backfillDefinition({
      partition: Stack.of(this).partition,
      serviceName: source.serviceName,
      sourceBucketName: source.bucket.bucketName,
      sourcePrefix: source.prefix,
      sourceSuffixes: source.suffixes,
      queueUrl: source.queue.queueUrl,
      maxBacklog: props.maxBacklog ?? 100_000,
      maxConcurrency: props.maxConcurrency ?? 5,
      toleratedFailurePercentage: props.toleratedFailurePercentage ?? 0,
      inventoryBucketName: inventoryBucket?.bucketName,
      canStopOlder: refresh._onChange,
    });
    this.stateMachine = new sfn.StateMachine(this, 'StateMachine', {
      stateMachineType: sfn.StateMachineType.STANDARD,
      definitionBody: sfn.DefinitionBody.fromString(toJson(this, definition)),
      comment: `cdk-thumbnails backfill: ${source.serviceName}`,
      logs: {
        destination: props.logGroup ?? source.logGroup,
        level: sfn.LogLevel.ERROR,
        includeExecutionData: false,
      },
    });
    this.grantRead(source, props);
    source.queue.encryptionMasterKey?.grant(this.stateMachine, 'kms:GenerateDataKey', 'kms:Decrypt');
    this.grantExecutions(refresh);
    if (refresh._onChange) {
      this.startOnChange(source, refresh);
    }
  }

  /**
   * Grants permission to start, follow, stop and resume backfills.
   *
   * @param grantee principal that receives the permissions
   */
  public grantStart(grantee: iam.IGrantable): iam.Grant {
    const mapRuns = Stack.of(this).formatArn({
      service: 'states',
      resource: 'mapRun',
      resourceName: `${this.stateMachine.stateMachineName}/*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    const executionActions = ['states:StopExecution', 'states:RedriveExecution', 'states:ListMapRuns'];
    return this.stateMachine
      .grantStartExecution(grantee)
      .combine(this.stateMachine.grantRead(grantee))
      .combine(this.stateMachine.grantExecution(grantee, ...executionActions))
      .combine(
        iam.Grant.addToPrincipal({ grantee, actions: ['states:DescribeMapRun'], resourceArns: [mapRuns], scope: this }),
      );
  }

  private grantRead({ bucket, prefix, queue }: BackfillSource, { inventoryBucket }: ThumbnailBackfillProps): void {
    this.allow(
      ['s3:ListBucket'],
      [bucket.bucketArn],
      prefix === '' ? {} : { StringLike: { 's3:prefix': `${prefix}*` } },
    );
    this.allow(['sqs:SendMessage', 'sqs:GetQueueAttributes'], [queue.queueArn]);
    if (inventoryBucket) {
      this.allow(['s3:GetObject'], [inventoryBucket.arnForObjects('*')]);
      inventoryBucket.encryptionKey?.grant(this.stateMachine, 'kms:Decrypt');
    }
  }

  private allow(actions: string[], resources: string[], conditions: iam.Conditions = {}): void {
    this.stateMachine.addToRolePolicy(new iam.PolicyStatement({ actions, resources, conditions }));
  }

  /**
   * Grants permissions on executions in a separate policy. The default policy of the role cannot contain the ARN of the state
   * machine, because the state machine depends on the default policy.
   */
  private grantExecutions({ _onChange }: ThumbnailRefresh): void {
    const { stateMachineArn, stateMachineName } = this.stateMachine;
    // The ARNs of executions contain the separator `:`, and the ARNs of child workflows contain `/`.
    const executions = [':', '/'].map((separator) =>
      Stack.of(this).formatArn({
        service: 'states',
        resource: 'execution',
        resourceName: `${stateMachineName}${separator}*`,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      }),
    );
    const policy = new iam.Policy(this, 'ExecutionPolicy', {
      statements: [
        new iam.PolicyStatement({
          actions: ['states:StartExecution', ...(_onChange ? ['states:ListExecutions'] : [])],
          resources: [stateMachineArn],
        }),
        new iam.PolicyStatement({
          actions: ['states:DescribeExecution', 'states:StopExecution', 'states:RedriveExecution'],
          resources: executions,
        }),
      ],
    });
    policy.attachToRole(this.stateMachine.role);
  }

  private startOnChange(source: BackfillSource, { _onFirstDeployment }: ThumbnailRefresh): void {
    const { stateMachineArn } = this.stateMachine;
    const fingerprint = createHash('sha256')
      .update(JSON.stringify(Stack.of(this).resolve(source.settings)))
      .digest('hex')
      .slice(0, 32);
    const common = {
      service: 'SFN',
      physicalResourceId: PhysicalResourceId.of('refresh'),
      // The deployment must succeed even if Step Functions cannot start the backfill.
      ignoreErrorCodesMatching: '.*',
      outputPaths: [],
    };
    const start = {
      ...common,
      action: 'startExecution',
      // Step Functions generates a new name for each execution. Therefore, a return to earlier settings also starts an
      // execution.
      parameters: { stateMachineArn, input: JSON.stringify({ stopOlder: true, settings: fingerprint }) },
    };
    const describe = { ...common, action: 'describeStateMachine', parameters: { stateMachineArn } };
    const refresh = new AwsCustomResource(this, 'Refresh', {
      onCreate: _onFirstDeployment ? start : describe,
      onUpdate: start,
      installLatestAwsSdk: false,
      policy: AwsCustomResourcePolicy.fromStatements([
        new iam.PolicyStatement({
          actions: ['states:StartExecution', 'states:DescribeStateMachine'],
          resources: [stateMachineArn],
        }),
      ]),
    });
    refresh.node.addDependency(...source.workers, ...this.node.children.filter((child) => child !== refresh));
    const { region, partition } = Stack.of(this);
    new CfnOutput(this, 'RefreshUrl', {
      value:
        partition === 'aws-cn'
          ? stateMachineArn
          : `https://${region}.console.aws.amazon.com/states/home?region=${region}#/statemachines/view/${stateMachineArn}`,
      description: 'Executions of the backfill; each change of settings starts an execution',
    });
  }
}
