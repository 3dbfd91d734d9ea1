import type * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import type * as scaling from 'aws-cdk-lib/aws-applicationautoscaling';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as ecs from 'aws-cdk-lib/aws-ecs';
import type * as elb from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as scheduler from 'aws-cdk-lib/aws-scheduler';
import type { IConstruct } from 'constructs';

/**
 * ECS service of a pipeline, on Fargate or on capacity providers. Contains the properties that the worker service and the API
 * service share.
 */
export interface IThumbnailService extends IConstruct, ec2.IConnectable, iam.IGrantable {
  /** Cluster of the service. */
  readonly cluster: ecs.ICluster;
  /** VPC of the tasks. */
  readonly vpc: ec2.IVpc;
  /** ECS service. The class is `FargateService` for every launch type. */
  readonly service: ecs.FargateService;
  /** Task definition with one container, which runs the runtime. */
  readonly taskDefinition: ecs.TaskDefinition;
  /** IAM role of the runtime. */
  readonly taskRole: iam.IRole;
  /** Security groups of the tasks. */
  readonly securityGroups: ec2.ISecurityGroup[];
}

/** ECS service that consumes the queue. The number of tasks scales with the backlog. */
export interface IThumbnailWorkerService extends IThumbnailService {
  /** Scalable target of the service's desired count. */
  readonly scalableTarget: scaling.ScalableTarget;
  /** Alarm that starts tasks when the backlog exceeds the capacity of the running tasks. */
  readonly backlogAlarm: cloudwatch.Alarm;
  /** Alarm that stops tasks when the queue is empty for `scaleInDelay`. */
  readonly idleAlarm: cloudwatch.Alarm;
  /**
   * Schedule that keeps the metrics of the queue active; undefined if `keepQueueActive` is false.
   *
   * @default - no schedule is created
   */
  readonly keepQueueActive?: scheduler.Schedule;
  /**
   * IAM role of the schedule `keepQueueActive`; undefined without this schedule.
   *
   * @default - no schedule is created
   */
  readonly keepQueueActiveRole?: iam.IRole;
}

/** ECS service that serves the HTTP API through an internal load balancer and a VPC link. */
export interface IThumbnailApiService extends IThumbnailService {
  /** Scalable task count of the service, which scales with requests and CPU utilization. */
  readonly scaling: ecs.ScalableTaskCount;
  /** Internal load balancer. */
  readonly loadBalancer: elb.ApplicationLoadBalancer;
  /** HTTP listener of the load balancer. */
  readonly listener: elb.ApplicationListener;
  /** Target group with the tasks. */
  readonly targetGroup: elb.ApplicationTargetGroup;
  /** VPC link from API Gateway to the load balancer. */
  readonly vpcLink: apigateway.VpcLink;
  /** Security group of the VPC link. The load balancer accepts connections only from this group. */
  readonly vpcLinkSecurityGroup: ec2.SecurityGroup;
  /** Integration for the routes of the HTTP API. */
  readonly integration: apigateway.HttpRouteIntegration;
}
