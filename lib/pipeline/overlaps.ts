import { type Stack, Token } from 'aws-cdk-lib';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct, IConstruct } from 'constructs';
import { invalidValue, quoted } from '../private/validation';

/** What one pipeline has to itself in an app. */
export interface Claim {
  /** Construct path of the pipeline. */
  readonly path: string;
  readonly stack: Stack;
  /** Undefined where the pipeline makes the bucket, which no other can have then. */
  readonly sourceBucket?: IBucket;
  readonly sourcePrefix: string;
  readonly sourceSuffixes: readonly string[];
  /** Whether the bucket can tell only one queue of these sources. */
  readonly exclusive: boolean;
  readonly thumbnailBucket?: IBucket;
  readonly thumbnailPrefix: string;
  readonly queue?: IQueue;
}

/** Claims by the root of the construct tree, so that apps in one process (tests) do not see each other. */
const claims = new WeakMap<IConstruct, Claim[]>();

/** Notes what a pipeline has to itself. */
export function claim(scope: Construct, mine: Claim): void {
  claims.set(scope.node.root, [...(claims.get(scope.node.root) ?? []), mine]);
}

/** What is wrong with a claim: alone, and beside those that were noted before. */
export function claimProblems(scope: Construct, mine: Claim): string[] {
  return [
    ...recursionProblems(mine),
    ...(claims.get(scope.node.root) ?? []).flatMap((other) => conflicts(mine, other)),
  ];
}

function recursionProblems(mine: Claim): string[] {
  if (!sameBucket(mine.sourceBucket, mine.thumbnailBucket)) {
    return [];
  }
  const { sourcePrefix, thumbnailPrefix } = mine;
  if (!overlap(sourcePrefix, thumbnailPrefix)) {
    return [];
  }
  const remedy =
    "in one bucket sources and thumbnails need a prefix each, such as 'images/' and 'thumbnails/', or every thumbnail " +
    'would be the source of more; or use two buckets';
  if (sourcePrefix === '') {
    return [invalidValue('sourcePrefix', quoted(sourcePrefix), `set: ${remedy}`)];
  }
  if (thumbnailPrefix === '') {
    return [invalidValue('thumbnailPrefix', quoted(thumbnailPrefix), `set: ${remedy}`)];
  }
  return [
    invalidValue(
      'thumbnailPrefix',
      quoted(thumbnailPrefix),
      `neither inside sourcePrefix ${quoted(sourcePrefix)} nor around it: ${remedy}`,
    ),
  ];
}

function conflicts(mine: Claim, other: Claim): string[] {
  const problems: string[] = [];
  const by = `of ${other.path}`;
  if (sameBucket(mine.thumbnailBucket, other.thumbnailBucket) && overlap(mine.thumbnailPrefix, other.thumbnailPrefix)) {
    problems.push(
      invalidValue(
        'thumbnailPrefix',
        quoted(mine.thumbnailPrefix),
        `apart from ${quoted(other.thumbnailPrefix)} ${by} in the same bucket`,
      ),
    );
  }
  if (sameBucket(mine.sourceBucket, other.thumbnailBucket) && overlap(mine.sourcePrefix, other.thumbnailPrefix)) {
    problems.push(
      invalidValue(
        'sourcePrefix',
        quoted(mine.sourcePrefix),
        `apart from the thumbnails ${quoted(other.thumbnailPrefix)} ${by}`,
      ),
    );
  }
  if (sameBucket(mine.thumbnailBucket, other.sourceBucket) && overlap(mine.thumbnailPrefix, other.sourcePrefix)) {
    problems.push(
      invalidValue(
        'thumbnailPrefix',
        quoted(mine.thumbnailPrefix),
        `apart from the sources ${quoted(other.sourcePrefix)} ${by}`,
      ),
    );
  }
  if (mine.exclusive && other.exclusive && sharesSources(mine, other)) {
    problems.push(
      invalidValue(
        'sourcePrefix',
        quoted(mine.sourcePrefix),
        `apart from ${quoted(other.sourcePrefix)} ${by}, because S3 notifies one queue of a key; ` +
          'or give one of them the trigger eventBridge()',
      ),
    );
  }
  if (mine.exclusive && other.exclusive && isImportedTwice(mine, other)) {
    problems.push(
      invalidValue(
        'sourceBucket',
        `another import of the bucket ${by}`,
        'the same object: removing one of two imports from a stack takes the notifications of the other with it',
      ),
    );
  }
  if (mine.queue && mine.queue === other.queue) {
    problems.push(
      invalidValue('queue', mine.queue.node.path, `another than that ${by}: each would take the other's images`),
    );
  }
  return problems;
}

function sharesSources(mine: Claim, other: Claim): boolean {
  if (!sameBucket(mine.sourceBucket, other.sourceBucket) || !overlap(mine.sourcePrefix, other.sourcePrefix)) {
    return false;
  }
  const [a, b] = [mine.sourceSuffixes, other.sourceSuffixes];
  return a.length === 0 || b.length === 0 || a.some((one) => b.some((two) => overlapEnds(one, two)));
}

/** CloudFormation's handler of notifications knows its own by the stack that they are of, and by nothing else. */
function isImportedTwice(mine: Claim, other: Claim): boolean {
  const [a, b] = [mine.sourceBucket, other.sourceBucket];
  return mine.stack === other.stack && a !== b && sameBucket(a, b);
}

/** Whether two constructs stand for the same bucket, as far as can be told before deployment. */
function sameBucket(a: IBucket | undefined, b: IBucket | undefined): boolean {
  return a !== undefined && b !== undefined && (a === b || a.bucketName === b.bucketName);
}

function overlap(a: string, b: string): boolean {
  if (Token.isUnresolved(a) || Token.isUnresolved(b)) {
    return a === b;
  }
  return a.startsWith(b) || b.startsWith(a);
}

function overlapEnds(a: string, b: string): boolean {
  const [one, two] = [a.toLowerCase(), b.toLowerCase()];
  return one.endsWith(two) || two.endsWith(one);
}
