import { CHECKS, findProblems, type CheckId } from '../../../cli/doctor/checks';
import type { DeploymentFacts } from '../../../cli/doctor/facts';
import { DEFAULT_LIMITS } from '../../../runtime/contract';

const QUEUE_ARN = 'arn:aws:sqs:eu-central-1:111122223333:queue';
const DEAD_LETTER_ARN = 'arn:aws:sqs:eu-central-1:111122223333:dead-letters';

const policyFor = (Service: string): string =>
  JSON.stringify({ Statement: [{ Effect: 'Allow', Principal: { Service }, Action: 'sqs:SendMessage' }] });

const QUEUE = {
  QueueArn: QUEUE_ARN,
  VisibilityTimeout: '360',
  Policy: policyFor('s3.amazonaws.com'),
  RedrivePolicy: JSON.stringify({ deadLetterTargetArn: DEAD_LETTER_ARN, maxReceiveCount: 5 }),
};

/** A deployment without a problem. */
const HEALTHY: DeploymentFacts = {
  pipeline: {
    name: 'Photos',
    kind: 'function',
    resource: 'upload-function',
    variables: {},
    roleArn: 'arn:aws:iam::111122223333:role/upload',
    queue: QUEUE_ARN,
    timeoutSeconds: 60,
    resources: [],
    settings: {
      storage: 's3',
      sourceLocation: { name: 'photos', prefix: '', suffixes: [] },
      thumbnailLocation: { name: 'thumbnails', prefix: '' },
      thumbnails: [],
      limits: DEFAULT_LIMITS,
      rules: [],
      requireMalwareScan: false,
      allowSvg: false,
      detectJpegCorruption: false,
      cacheControl: 'max-age=60',
    },
  },
  version: '0.1.0',
  notifications: [
    { queueArn: QUEUE_ARN, events: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'], prefix: '', suffix: '' },
  ],
  sendsToEventBridge: false,
  rules: [],
  queue: QUEUE,
  deadLetterQueue: { QueueArn: DEAD_LETTER_ARN, ApproximateNumberOfMessages: '0' },
  requests: [{ action: 's3:GetObject', resource: 'arn:aws:s3:::photos/doctor.jpg', isAllowed: true }],
  health: { url: 'https://api/health', status: 200, version: '0.1.0' },
  distributions: [{ id: 'E1', status: 'Deployed', isEnabled: true }],
  lambdaConcurrency: 1000,
  unread: [],
};

test('a healthy deployment has no findings', () => {
  expect(findProblems(HEALTHY)).toEqual([]);
});

test('a healthy deployment with EventBridge has no findings', () => {
  const queue = { ...QUEUE, Policy: policyFor('events.amazonaws.com') };
  expect(findProblems({ ...HEALTHY, notifications: [], sendsToEventBridge: true, rules: ['rule'], queue })).toEqual([]);
});

/** Broken deployments. Each deployment has only the problem of one check. */
const BROKEN: Readonly<Record<CheckId, Partial<DeploymentFacts>>> = {
  'worker-inactive': { pipeline: { ...HEALTHY.pipeline, inactive: 'the event source mapping has the state Disabled' } },
  'notification-missing': { notifications: [] },
  'notification-incomplete': {
    notifications: [{ queueArn: QUEUE_ARN, events: ['s3:ObjectCreated:*'], prefix: '', suffix: '' }],
  },
  'queue-policy': { queue: { ...QUEUE, Policy: policyFor('sns.amazonaws.com') } },
  'dead-letter-queue-missing': { queue: { ...QUEUE, RedrivePolicy: undefined }, deadLetterQueue: undefined },
  'dead-letters': { deadLetterQueue: { QueueArn: DEAD_LETTER_ARN, ApproximateNumberOfMessages: '3' } },
  'visibility-timeout': { queue: { ...QUEUE, VisibilityTimeout: '30' } },
  'permission-denied': {
    requests: [{ action: 's3:PutObject', resource: 'arn:aws:s3:::thumbnails/a', isAllowed: false }],
  },
  'api-unavailable': { health: { url: 'https://api/health', status: 0 } },
  'version-mismatch': { health: { url: 'https://api/health', status: 200, version: '0.0.9' } },
  'distribution-disabled': { distributions: [{ id: 'E1', status: 'Deployed', isEnabled: false }] },
  'distribution-deploying': { distributions: [{ id: 'E1', status: 'InProgress', isEnabled: true }] },
  'lambda-quota': { lambdaConcurrency: 10 },
  'not-checked': { unread: [{ fact: 'distributions', reason: 'access denied' }] },
};

test('every check has an example of a broken deployment', () => {
  expect(Object.keys(BROKEN).toSorted()).toEqual(Object.keys(CHECKS).toSorted());
});

test.each(Object.entries(BROKEN))('the doctor command reports only %s', (id, facts) => {
  const findings = findProblems({ ...HEALTHY, ...facts });
  expect(findings.map((finding) => finding.id)).toEqual([id]);
  expect(findings[0]!.fix).not.toBe('');
});

test('the doctor command reports a bucket without EventBridge together with the rule', () => {
  const queue = { ...QUEUE, Policy: policyFor('events.amazonaws.com') };
  const [finding] = findProblems({ ...HEALTHY, notifications: [], rules: ['photo-rule'], queue });
  expect(finding).toMatchObject({ id: 'notification-missing', level: 'error' });
  expect(finding!.fix).toContain('photo-rule');
});

test('the doctor command reports errors before warnings', () => {
  const findings = findProblems({ ...HEALTHY, ...BROKEN['lambda-quota'], ...BROKEN['permission-denied'] });
  expect(findings.map(({ level }) => level)).toEqual(['error', 'warning']);
});
