import { deadLetterArnOf } from '../queue';
import type { DeploymentFacts } from './facts';

/** Problem that the command `doctor` has found. */
export interface Finding {
  /** Stable id of the check. */
  readonly id: CheckId;
  /** Severity: `error` for a pipeline that does not work, `warning` for a working pipeline with a risky setting. */
  readonly level: 'error' | 'warning';
  /** Description of the state that causes the problem. */
  readonly message: string;
  /** Description of the change that resolves the problem. */
  readonly fix: string;
}

type Problem = Omit<Finding, 'id'>;
type Check = (facts: DeploymentFacts) => Problem | undefined;

/**
 * Minimum concurrency quota of an account. Below this quota, a burst of uploads causes Lambda to throttle other functions. The
 * quota of a new account can be 10.
 */
const MIN_CONCURRENCY = 100;
const REDEPLOY = 'deploy the stack again (npx cdk deploy); check for changes outside of CloudFormation (drift)';

/** All checks by id. The id of a check never changes. A check without a problem returns undefined. */
export const CHECKS = {
  'worker-inactive': ({ pipeline }) =>
    pipeline.inactive === undefined
      ? undefined
      : { level: 'error', message: `${pipeline.resource}: ${pipeline.inactive}`, fix: REDEPLOY },
  'notification-missing': (facts) => {
    const { queue, notifications, sendsToEventBridge, rules, pipeline } = facts;
    const bucket = pipeline.settings.sourceLocation.name;
    const isNotified =
      notifications.some(({ queueArn }) => queueArn === queue['QueueArn']) || (sendsToEventBridge && rules.length > 0);
    return isNotified
      ? undefined
      : {
          level: 'error',
          message: `${bucket}: sends no events to the queue ${queue['QueueArn'] ?? '(unknown)'}`,
          fix:
            rules.length > 0
              ? `enable EventBridge on ${bucket}, so that the bucket sends its events to the EventBridge rules: ${rules.join(', ')}`
              : `${REDEPLOY}. Another tool can have replaced the notifications of the bucket`,
        };
  },
  'notification-incomplete': ({ queue, notifications }) => {
    const own = notifications.filter(({ queueArn }) => queueArn === queue['QueueArn']);
    const events = own.flatMap((notification) => notification.events);
    const missing = ['s3:ObjectCreated:', 's3:ObjectRemoved:'].filter(
      (type) => !events.some((event) => event.startsWith(type)),
    );
    return own.length === 0 || missing.length === 0
      ? undefined
      : {
          level: 'error',
          message: `the notifications of the bucket lack ${missing.map((type) => `${type}*`).join(', ')}`,
          fix: REDEPLOY,
        };
  },
  'queue-policy': ({ queue, notifications, rules }) => {
    const service = notifications.some(({ queueArn }) => queueArn === queue['QueueArn'])
      ? 's3.amazonaws.com'
      : rules.length > 0
        ? 'events.amazonaws.com'
        : undefined;
    return service === undefined || allowsSending(queue['Policy'], service)
      ? undefined
      : {
          level: 'error',
          message: `the policy of the queue does not allow ${service} to send messages`,
          fix: `allow sqs:SendMessage for the service ${service} in the policy of the queue, or ${REDEPLOY}`,
        };
  },
  'dead-letter-queue-missing': ({ queue }) =>
    deadLetterArnOf(queue) !== undefined
      ? undefined
      : {
          level: 'warning',
          message: 'the queue has no dead-letter queue; a message that always fails is retried until it expires',
          fix: 'set a redrive policy on the queue, or let the pipeline create its queue',
        },
  'dead-letters': ({ deadLetterQueue }) => {
    const count = Number(deadLetterQueue?.['ApproximateNumberOfMessages'] ?? 0);
    return count === 0
      ? undefined
      : {
          level: 'warning',
          message: `the dead-letter queue contains ${count} messages`,
          fix: `find the reason in the log, then run npx cdk-thumbnails redrive --queue ${deadLetterQueue?.['QueueArn']}`,
        };
  },
  'visibility-timeout': ({ queue, pipeline }) => {
    const seconds = Number(queue['VisibilityTimeout'] ?? Infinity);
    const { timeoutSeconds } = pipeline;
    return timeoutSeconds === undefined || seconds >= timeoutSeconds
      ? undefined
      : {
          level: 'warning',
          message: `the visibility timeout of the queue is ${seconds} s, and the timeout of the function ${timeoutSeconds} s`,
          fix: `set the visibility timeout to ${6 * timeoutSeconds} s, six times the timeout of the function`,
        };
  },
  'permission-denied': ({ requests, pipeline }) => {
    const denied = requests.filter(({ isAllowed }) => !isAllowed);
    return denied.length === 0
      ? undefined
      : {
          level: 'error',
          message: `${pipeline.roleArn} lacks ${denied.map(({ action, resource }) => `${action} on ${resource}`).join(', ')}`,
          fix: `${REDEPLOY}; check permissions boundaries and service control policies`,
        };
  },
  'api-unavailable': ({ health }) =>
    health === undefined || (health.status >= 200 && health.status < 500)
      ? undefined
      : {
          level: 'error',
          message: `${health.url}: ${health.status === 0 ? 'no response' : `status ${health.status}`}`,
          fix: 'read the log of the API function or service',
        },
  'version-mismatch': ({ health, version }) =>
    health?.version === undefined || health.version === version
      ? undefined
      : {
          level: 'warning',
          message: `the deployed runtime has version ${health.version}, and this command has version ${version}`,
          fix: 'deploy the stack with the same version of cdk-thumbnails, or run that version of the command',
        },
  'distribution-disabled': ({ distributions }) => {
    const disabled = distributions.filter(({ isEnabled }) => !isEnabled).map(({ id }) => id);
    return disabled.length === 0
      ? undefined
      : { level: 'error', message: `disabled distributions: ${disabled.join(', ')}`, fix: 'enable the distribution' };
  },
  'distribution-deploying': ({ distributions }) => {
    const deploying = distributions.filter(({ status }) => status !== 'Deployed').map(({ id }) => id);
    return deploying.length === 0
      ? undefined
      : { level: 'warning', message: `distributions in deployment: ${deploying.join(', ')}`, fix: 'wait some minutes' };
  },
  'lambda-quota': ({ lambdaConcurrency }) =>
    lambdaConcurrency === undefined || lambdaConcurrency >= MIN_CONCURRENCY
      ? undefined
      : {
          level: 'warning',
          message: `the account can run ${lambdaConcurrency} functions concurrently in this Region`,
          fix: 'request a higher quota "Concurrent executions" of AWS Lambda in Service Quotas (default 1,000)',
        },
  'not-checked': ({ unread }) =>
    unread.length === 0
      ? undefined
      : {
          level: 'warning',
          message: `not checked: ${unread.map(({ fact, reason }) => `${fact} (${reason})`).join(', ')}`,
          fix: 'grant the missing permissions to the user or role that runs this command',
        },
} as const satisfies Readonly<Record<string, Check>>;

/** Stable id of a check. */
export type CheckId = keyof typeof CHECKS;

/** Runs every check. Returns the problems, with errors before warnings. */
export function findProblems(facts: DeploymentFacts): Finding[] {
  const findings = Object.entries<Check>(CHECKS).flatMap(([id, check]): Finding[] => {
    const problem = check(facts);
    return problem ? [{ id: id as CheckId, ...problem }] : [];
  });
  return findings.sort((one, other) => one.level.localeCompare(other.level));
}

interface Statement {
  readonly Effect?: string;
  readonly Principal?: string | { readonly Service?: string | readonly string[] };
  readonly Action?: string | readonly string[];
}

function allowsSending(policy: string | undefined, service: string): boolean {
  const statements = (JSON.parse(policy ?? '{}') as { Statement?: Statement | Statement[] }).Statement ?? [];
  return [statements].flat().some(({ Effect, Principal, Action = [] }) => {
    const services = typeof Principal === 'object' ? [Principal.Service ?? []].flat() : [Principal];
    const actions = [Action].flat().map((action) => action.toLowerCase());
    return (
      Effect === 'Allow' &&
      (services.includes(service) || services.includes('*')) &&
      ['sqs:sendmessage', 'sqs:*', '*'].some((action) => actions.includes(action))
    );
  });
}
