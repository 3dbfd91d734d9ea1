import { ArnFormat, Duration, Stack, Token } from 'aws-cdk-lib';
import * as scaling from 'aws-cdk-lib/aws-applicationautoscaling';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as scheduler from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import { SERVICE_VARIABLES } from '../../../runtime/contract';
import { grantConsume } from '../../private/permissions';
import { injectedProps } from '../../private/property-injection';
import { Problems } from '../../private/validation-errors';
import { scaleOnBacklog } from './backlog-scaling';
import { defineService } from './fargate-service';
import { DEFAULT_CAPACITY, taskProblems, workerProblems } from './fargate-validation';
import { defineKeepActiveSchedule } from './queue-activity';
import type { ThumbnailWorkerServiceProps } from './thumbnail-service-props';

/** A vCPU makes the default thumbnails of three or four photos of 8 to 16 megapixels a second: see docs/operations.md. */
const BACKLOG_PER_PROCESSOR = 100;
const DEFAULT_IDLE_TIME = Duration.minutes(5);

/** A service on Fargate that makes thumbnails of what a queue tells it, as many tasks as the queue has work for. */
export class ThumbnailWorkerService extends Construct implements ec2.IConnectable, iam.IGrantable {
  /** What a property injector of the app names this class by. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-thumbnails.ThumbnailWorkerService';

  /** Cluster of the service. */
  public readonly cluster: ecs.ICluster;
  /** Where the tasks run. */
  public readonly vpc: ec2.IVpc;
  /** The service. */
  public readonly service: ecs.FargateService;
  /** What a task is. */
  public readonly taskDefinition: ecs.FargateTaskDefinition;
  /** Role of the program. */
  public readonly taskRole: iam.IRole;
  /** Security groups of the tasks. */
  public readonly securityGroups: ec2.ISecurityGroup[];
  /** Connections of the tasks. */
  public readonly connections: ec2.Connections;
  /** The program. */
  public readonly grantPrincipal: iam.IPrincipal;
  /** The number of tasks, between its bounds. */
  public readonly scalableTarget: scaling.ScalableTarget;
  /** Starts tasks while there is more in the queue than those that run can do. */
  public readonly backlogAlarm: cloudwatch.Alarm;
  /** Ends tasks when the queue has been empty for a while. */
  public readonly idleAlarm: cloudwatch.Alarm;
  /** Keeps SQS counting where there may be no task; undefined where it is not wanted. */
  public readonly keepQueueActive?: scheduler.Schedule;
  /** Role of that schedule; undefined where there is none. */
  public readonly keepQueueActiveRole?: iam.IRole;

  /**
   * Makes the service, and what scales it with its queue.
   *
   * @param scope where it belongs: a stack, or a construct in one
   * @param id its name there, a part of the logical ids of everything in it
   * @param props where it runs, what, and in what size
   * @throws where props are wrong: one error, which names each of them with what it got and what it takes
   */
  public constructor(scope: Construct, id: string, props: ThumbnailWorkerServiceProps) {
    super(scope, id);
    props = injectedProps(scope, id, ThumbnailWorkerService.PROPERTY_INJECTION_ID, props);

    const problems = new Problems();
    problems.add([...taskProblems(props), ...workerProblems(props)]);
    problems.throwIfAny(this);

    const { cluster, queue } = props;
    const defined = defineService(this, 'worker', props, { [SERVICE_VARIABLES.queueUrl]: queue.queueUrl });
    const { service, taskDefinition, taskRole, securityGroups } = defined;
    grantConsume(taskRole, queue, 'service');
    this.cluster = cluster;
    this.vpc = cluster.vpc;
    this.service = service;
    this.taskDefinition = taskDefinition;
    this.taskRole = taskRole;
    this.grantPrincipal = taskRole.grantPrincipal;
    this.securityGroups = securityGroups;
    this.connections = service.connections;

    const { min, max } = DEFAULT_CAPACITY.worker;
    const { minCapacity = min, maxCapacity = max } = props;
    this.scalableTarget = new scaling.ScalableTarget(this, 'ScalableTarget', {
      serviceNamespace: scaling.ServiceNamespace.ECS,
      resourceId: `service/${cluster.clusterName}/${service.serviceName}`,
      scalableDimension: 'ecs:service:DesiredCount',
      role: scalingRoleOf(this),
      minCapacity,
      maxCapacity,
    });
    const workers = defined.workers ?? 1;
    const alarms = scaleOnBacklog(this, {
      target: this.scalableTarget,
      queue,
      backlogPerTask: props.backlogPerTask ?? BACKLOG_PER_PROCESSOR * (defined.processors ?? 1),
      messagesInTask: workers,
      minCapacity,
      maxCapacity,
      idleMinutes: (props.idleTime ?? DEFAULT_IDLE_TIME).toMinutes(),
    });
    this.backlogAlarm = alarms.backlog;
    this.idleAlarm = alarms.idle;
    const mayBeOff = Token.isUnresolved(minCapacity) || minCapacity === 0;
    if (props.keepQueueActive ?? mayBeOff) {
      const { schedule, role } = defineKeepActiveSchedule(this, queue);
      this.keepQueueActive = schedule;
      this.keepQueueActiveRole = role;
    }
  }
}

/** The role that Application Auto Scaling makes itself, and takes whatever it is given. */
function scalingRoleOf(scope: Construct): iam.IRole {
  const roleArn = Stack.of(scope).formatArn({
    service: 'iam',
    region: '',
    resource: 'role',
    resourceName:
      'aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService',
    arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
  });
  return iam.Role.fromRoleArn(scope, 'ScalingRole', roleArn, { mutable: false });
}
