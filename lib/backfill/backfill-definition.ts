/** Values for the definition of a backfill. The values may contain tokens. */
export interface BackfillSettings {
  readonly partition: string;
  readonly serviceName: string;
  readonly sourceBucketName: string;
  readonly sourcePrefix: string;
  readonly sourceSuffixes: readonly string[];
  readonly queueUrl: string;
  readonly maxBacklog: number;
  readonly maxConcurrency: number;
  readonly toleratedFailurePercentage: number;
  /** Name of the bucket with S3 Inventory reports; undefined for a backfill without S3 Inventory. */
  readonly inventoryBucketName?: string;
  /** Whether an execution can stop older executions. */
  readonly canStopOlder: boolean;
}

type State = Readonly<Record<string, unknown>>;
type States = Readonly<Record<string, State>>;

/** Prefix of the `Comment` field in the definition. The command `backfill` finds the state machine by this prefix. */
const COMMENT = 'cdk-thumbnails backfill: ';
/** Message group of all backfill messages. With this group, SQS fair queues deliver the messages of new uploads first. */
const MESSAGE_GROUP = 'cdk-thumbnails-backfill';
/**
 * Maximum number of keys in one child workflow. This number of keys adds about 900 events to the history of the workflow. The
 * limit is 25,000 events.
 */
const KEYS_PER_BATCH = 1000;
/**
 * Maximum size of a batch in bytes. The value is below the payload limit of 262,144 bytes:
 * https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
const MAX_BATCH_BYTES = 200_000;
/** Maximum number of parallel requests of one child workflow. */
const SEND_CONCURRENCY = 5;
const MAX_SENDS = 5;
const FIRST_WAIT_SECONDS = 15;
const MAX_WAIT_SECONDS = 600;

/** Returns the definition of the state machine in the Amazon States Language. */
export function backfillDefinition(settings: BackfillSettings): object {
  const source = literal(settings.sourcePrefix);
  const reader = settings.inventoryBucketName === undefined ? 'ListObjects' : 'HasManifest';
  return {
    Comment: `${COMMENT}${settings.serviceName}`,
    QueryLanguage: 'JSONata',
    StartAt: 'ReadInput',
    States: {
      ReadInput: {
        Type: 'Pass',
        Assign: {
          // The command `backfill` reads these two values from the definition.
          sourcePrefix: expression(source),
          sourceSuffixes: expression(literal(settings.sourceSuffixes)),
          prefix: expression(`$exists($states.input.prefix) ? $states.input.prefix : ${source}`),
          suffixes: expression(
            `[($exists($states.input.suffixes) ? $states.input.suffixes : ${literal(settings.sourceSuffixes)})[$ != ""]]`,
          ),
          since: expression('$exists($states.input.since) ? $toMillis($states.input.since) / 1000 : 0'),
          manifest: expression('$exists($states.input.manifest) ? $states.input.manifest : ""'),
          stopOlder: expression('$exists($states.input.stopOlder) and $states.input.stopOlder = true'),
        },
        Next: 'CheckPrefix',
      },
      CheckPrefix: {
        Type: 'Choice',
        Choices: [
          {
            Condition: expression(`$substring($prefix, 0, $length(${source})) != ${source}`),
            Next: 'PrefixOutsideSource',
          },
        ],
        Default: settings.canStopOlder ? 'IsStoppingOlder' : reader,
      },
      PrefixOutsideSource: {
        Type: 'Fail',
        Error: 'PrefixOutsideSource',
        Cause: expression(
          `"prefix: " & $prefix & " is outside the source prefix; expected a prefix that starts with " & ${source}`,
        ),
      },
      ...(settings.canStopOlder && stopOlderStates(settings, reader)),
      ...(settings.inventoryBucketName !== undefined && {
        HasManifest: {
          Type: 'Choice',
          Choices: [{ Condition: expression('$manifest != ""'), Next: 'ReadInventory' }],
          Default: 'ListObjects',
        },
        ReadInventory: mapState(settings, 'Inventory', {
          Resource: service(settings, 's3:getObject'),
          ReaderConfig: { InputType: 'MANIFEST' },
          Arguments: { Bucket: settings.inventoryBucketName, Key: expression('$manifest') },
        }),
      }),
      ListObjects: mapState(settings, 'Backfill', {
        Resource: service(settings, 's3:listObjectsV2'),
        Arguments: { Bucket: settings.sourceBucketName, Prefix: expression('$prefix') },
      }),
    },
  };
}

/** Returns the states that stop older executions. An error in these states does not fail the newer execution. */
function stopOlderStates(settings: BackfillSettings, next: string): States {
  const proceed = { Catch: [{ ErrorEquals: ['States.ALL'], Next: next }] };
  return {
    IsStoppingOlder: {
      Type: 'Choice',
      Choices: [{ Condition: expression('$stopOlder'), Next: 'ListExecutions' }],
      Default: next,
    },
    ListExecutions: {
      Type: 'Task',
      Resource: service(settings, 'aws-sdk:sfn:listExecutions'),
      Arguments: { StateMachineArn: expression('$states.context.StateMachine.Id'), StatusFilter: 'RUNNING' },
      Assign: {
        older: expression(
          '[$states.result.Executions[ExecutionArn != $states.context.Execution.Id and ' +
            '$toMillis(StartDate) < $toMillis($states.context.Execution.StartTime)].ExecutionArn]',
        ),
      },
      ...proceed,
      Next: 'StopOlder',
    },
    StopOlder: {
      Type: 'Map',
      Items: expression('$older'),
      ItemProcessor: {
        ProcessorConfig: { Mode: 'INLINE' },
        StartAt: 'StopExecution',
        States: {
          StopExecution: {
            Type: 'Task',
            Resource: service(settings, 'aws-sdk:sfn:stopExecution'),
            Arguments: {
              ExecutionArn: expression('$states.input'),
              Error: 'Superseded',
              Cause: 'a newer refresh has started',
            },
            End: true,
          },
        },
      },
      ...proceed,
      Next: next,
    },
  };
}

function mapState(settings: BackfillSettings, label: string, reader: object): State {
  const isInventory = label === 'Inventory';
  const suffix = isInventory ? 'OfInventory' : '';
  return {
    Type: 'Map',
    Label: label,
    ItemReader: reader,
    ItemBatcher: {
      MaxItemsPerBatch: KEYS_PER_BATCH,
      MaxInputBytesPerBatch: MAX_BATCH_BYTES,
      // Child workflows cannot read the variables of their parent.
      BatchInput: {
        prefix: expression('$prefix'),
        suffixes: expression('$suffixes'),
        since: expression('$since'),
        isInventory,
      },
    },
    MaxConcurrency: settings.maxConcurrency,
    ToleratedFailurePercentage: settings.toleratedFailurePercentage,
    ItemProcessor: {
      // An Express workflow ends after 5 minutes, but a child workflow can wait longer for the workers.
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
      StartAt: `SelectKeys${suffix}`,
      States: childStates(settings, suffix),
    },
    // Successful child workflows return empty arrays. FLATTEN omits them, so that the result stays below the payload limit.
    ResultWriter: { WriterConfig: { OutputType: 'JSON', Transformation: 'FLATTEN' } },
    Output: {},
    End: true,
  };
}

/**
 * Returns the states of a child workflow.
 *
 * @param suffix suffix that makes the state names unique in the state machine
 */
function childStates(settings: BackfillSettings, suffix: string): States {
  const { queueUrl } = settings;
  return {
    [`SelectKeys${suffix}`]: {
      Type: 'Pass',
      Assign: {
        keys: expression(SELECTED_KEYS),
        isInventory: expression('$states.input.BatchInput.isInventory'),
        sends: 0,
        waitSeconds: FIRST_WAIT_SECONDS,
      },
      Output: {},
      Next: `ReadBacklog${suffix}`,
    },
    [`ReadBacklog${suffix}`]: {
      Type: 'Task',
      Resource: service(settings, 'aws-sdk:sqs:getQueueAttributes'),
      Arguments: {
        QueueUrl: queueUrl,
        AttributeNames: [
          'ApproximateNumberOfMessages',
          'ApproximateNumberOfMessagesNotVisible',
          'ApproximateNumberOfMessagesDelayed',
        ],
      },
      Assign: { backlog: expression('$sum($states.result.Attributes.*.$number($))') },
      Output: {},
      Retry: RETRY,
      Next: `IsBacklogLong${suffix}`,
    },
    [`IsBacklogLong${suffix}`]: {
      Type: 'Choice',
      Choices: [{ Condition: expression(`$backlog > ${settings.maxBacklog}`), Next: `WaitForWorkers${suffix}` }],
      Default: `SendKeys${suffix}`,
    },
    [`WaitForWorkers${suffix}`]: {
      Type: 'Wait',
      Seconds: expression('$waitSeconds'),
      Assign: { waitSeconds: expression(`$min([$waitSeconds * 2, ${MAX_WAIT_SECONDS}])`) },
      Next: `ReadBacklog${suffix}`,
    },
    [`SendKeys${suffix}`]: {
      Type: 'Map',
      Items: expression(BATCHES_OF_TEN),
      MaxConcurrency: SEND_CONCURRENCY,
      ItemProcessor: {
        ProcessorConfig: { Mode: 'INLINE' },
        StartAt: `SendBatch${suffix}`,
        States: {
          [`SendBatch${suffix}`]: {
            Type: 'Task',
            Resource: service(settings, 'aws-sdk:sqs:sendMessageBatch'),
            Arguments: { QueueUrl: queueUrl, Entries: expression(entries(settings.sourceBucketName)) },
            // Returns the keys of failed entries, because SQS responds with success even if some entries fail.
            Output: expression('[$map($states.result.Failed, function($f) { $states.input.keys[$number($f.Id)] })]'),
            Retry: RETRY,
            End: true,
          },
        },
      },
      Assign: { keys: expression('[$reduce($states.result, $append, [])]'), sends: expression('$sends + 1') },
      Output: {},
      Next: `AreKeysLeft${suffix}`,
    },
    [`AreKeysLeft${suffix}`]: {
      Type: 'Choice',
      Choices: [
        { Condition: expression('$count($keys) = 0'), Next: `KeysSent${suffix}` },
        { Condition: expression(`$sends >= ${MAX_SENDS}`), Next: `KeysNotSent${suffix}` },
      ],
      Default: `WaitForQueue${suffix}`,
    },
    [`WaitForQueue${suffix}`]: {
      Type: 'Wait',
      Seconds: expression('$power(2, $sends) * 5'),
      Next: `SendKeys${suffix}`,
    },
    [`KeysSent${suffix}`]: { Type: 'Succeed', Output: expression('[]') },
    [`KeysNotSent${suffix}`]: {
      Type: 'Fail',
      Error: 'KeysNotSent',
      Cause: expression('"SQS rejected " & $count($keys) & " messages; the first key is " & $keys[0]'),
    },
  };
}

/** Retry policy of all tasks. All attempts of a task together take at most about 8 minutes. */
const RETRY = [
  { ErrorEquals: ['States.ALL'], IntervalSeconds: 2, BackoffRate: 2, MaxAttempts: 8, JitterStrategy: 'FULL' },
];

/**
 * JSONata expression that selects the source keys of a batch. A batch from an inventory also contains other keys, old versions
 * and delete markers.
 */
const SELECTED_KEYS = `(
  $batch := $states.input.BatchInput;
  $modified := function($item) {
    $exists($item.LastModified) ? ($type($item.LastModified) = "number" ? $item.LastModified : $toMillis($item.LastModified) / 1000)
      : $exists($item.LastModifiedDate) ? $toMillis($item.LastModifiedDate) / 1000 : $batch.since
  };
  $decoded := function($key) { $batch.isInventory ? $decodeUrlComponent($replace($key, "+", " ")) : $key };
  $isSource := function($item) {(
    $key := $decoded($item.Key);
    $substring($key, 0, $length($batch.prefix)) = $batch.prefix and $substring($key, -1) != "/"
      and ($count($batch.suffixes) = 0 or $count($batch.suffixes[$lowercase($substring($key, -$length($))) = $lowercase($)]) > 0)
      and ($exists($item.IsLatest) ? $lowercase($string($item.IsLatest)) = "true" : true)
      and ($exists($item.IsDeleteMarker) ? $lowercase($string($item.IsDeleteMarker)) = "false" : true)
      and ($batch.since = 0 or $modified($item) >= $batch.since)
  )};
  [$filter($states.input.Items, $isSource).Key]
)`.replaceAll(/\s+/g, ' ');

/**
 * JSONata expression that divides the keys into batches of ten. The expression reads the list of keys once. A selection by
 * index would read the whole list for each batch.
 */
const BATCHES_OF_TEN = `(
  $groups := $map($keys, function($key, $i) { {"batch": $string($floor($i / 10)), "key": $key} }){batch: [key]};
  [$each($groups, function($group) { {"keys": $group} })]
)`.replaceAll(/\s+/g, ' ');

/**
 * Returns a JSONata expression that creates messages in the format of S3 events. Keys from an inventory use the format of S3
 * event notifications, because both contain URL-encoded keys.
 */
function entries(bucketName: string): string {
  const bucket = `"bucket": {"name": ${literal(bucketName)}}, "object": {"key": $key}`;
  const notification = `{"Records": [{"eventName": "ObjectCreated:Backfill", "s3": {${bucket}}}]}`;
  const event = `{"detail-type": "Object Created", "source": "cdk-thumbnails.backfill", "detail": {${bucket}}}`;
  return (
    '[$map($states.input.keys, function($key, $i) { {"Id": $string($i), ' +
    `"MessageGroupId": "${MESSAGE_GROUP}", "MessageBody": $string($isInventory ? ${notification} : ${event})} })]`
  );
}

function service({ partition }: BackfillSettings, action: string): string {
  return `arn:${partition}:states:::${action}`;
}

function expression(jsonata: string): string {
  return `{% ${jsonata} %}`;
}

/** Returns a JSONata literal. JSONata literals have JSON syntax. */
function literal(value: string | readonly string[]): string {
  return JSON.stringify(value);
}
