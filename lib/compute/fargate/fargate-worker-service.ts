import { ArnFormat, Duration, Stack, Token } from 'aws-cdk-lib';
import * as scaling from 'aws-cdk-lib/aws-applicationautoscaling';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as scheduler from 'aws-cdk-lib/aws-scheduler';
import type { Construct } from 'constructs';
import { grantConsume } from '../../private/permissions';
import type { ThumbnailWorkerBindOptions } from '../compute-protocol';
import { DEFAULT_CAPACITY } from '../ecs/service-validation';
import { ThumbnailRuntime } from '../thumbnail-runtime';
import { scaleOnBacklog } from './backlog-scaling';
import { FargateService } from './fargate-service';
import type { FargateServiceProps } from './fargate-task';
import { createKeepActiveSchedule } from './queue-activity';
import type { ThumbnailFargateWorkerOptions } from './thumbnail-fargate-options';
import type { IThumbnailWorkerService } from './thumbnail-services';

/**
 * Default number of queued messages per vCPU, which is about 30 seconds of work. A vCPU processes three to four photos of 4 to
 * 16 megapixels per second: see docs/guides/operations.md.
 */
const BACKLOG_PER_PROCESSOR = 100;
const DEFAULT_SCALE_IN_DELAY = Duration.minutes(5);

/** Props of {@link FargateWorkerService}. */
export interface FargateWorkerServiceProps
  extends FargateServiceProps, ThumbnailFargateWorkerOptions, ThumbnailWorkerBindOptions {}

export class FargateWorkerService extends FargateService implements IThumbnailWorkerService {
  public readonly scalableTarget: scaling.ScalableTarget;
  public readonly backlogAlarm: cloudwatch.Alarm;
  public readonly idleAlarm: cloudwatch.Alarm;
  public readonly keepQueueActive?: scheduler.Schedule;
  public readonly keepQueueActiveRole?: iam.IRole;

  public constructor(scope: Construct, id: string, props: FargateWorkerServiceProps) {
    super(scope, id, 'worker', props, ThumbnailRuntime.workerContainerEnvironment(props));
    const { queue } = props;
    grantConsume(this.taskRole, queue, 'service');

    const { min, max } = DEFAULT_CAPACITY.worker;
    const { minCapacity = min, maxCapacity = max } = props;
    this.scalableTarget = new scaling.ScalableTarget(this, 'ScalableTarget', {
      serviceNamespace: scaling.ServiceNamespace.ECS,
      resourceId: `service/${this.cluster.clusterName}/${this.service.serviceName}`,
      scalableDimension: 'ecs:service:DesiredCount',
      role: scalingRoleOf(this),
      minCapacity,
      maxCapacity,
    });
    const alarms = scaleOnBacklog(this, {
      target: this.scalableTarget,
      queue,
      backlogPerTask: props.backlogPerTask ?? BACKLOG_PER_PROCESSOR * (this.processors ?? 1),
      messagesPerTask: this.workerProcesses ?? 1,
      minCapacity,
      maxCapacity,
      scaleInMinutes: (props.scaleInDelay ?? DEFAULT_SCALE_IN_DELAY).toMinutes(),
    });
    this.backlogAlarm = alarms.backlog;
    this.idleAlarm = alarms.idle;
    const canScaleToZero = Token.isUnresolved(minCapacity) || minCapacity === 0;
    if (props.keepQueueActive ?? canScaleToZero) {
      const { schedule, role } = createKeepActiveSchedule(this, queue);
      this.keepQueueActive = schedule;
      this.keepQueueActiveRole = role;
    }
  }
}

/**
 * Returns the service-linked role of Application Auto Scaling for ECS. Application Auto Scaling creates this role and ignores
 * any other role.
 */
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
