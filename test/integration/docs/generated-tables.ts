import { CfnResource, type Stack } from 'aws-cdk-lib';
import { ALL_CHECKS } from '../../../cli/verify/run-checks';
import {
  ThumbnailAccess,
  ThumbnailCompute,
  ThumbnailPipeline,
  ThumbnailRefresh,
  ThumbnailTrigger,
  type ThumbnailPipelineProps,
} from '../../../lib';
import { ERROR_CODES, type ErrorCodeDetails, type ErrorKind } from '../../../runtime/errors/error-codes';
import { WARNING_CODES } from '../../../runtime/errors/warning-codes';
import { onImportedCluster } from '../../support/templates/eks';
import { newStack } from '../../support/templates/stacks';
import { ACKNOWLEDGEMENTS } from '../../templates/security/acknowledgements';
import { ALLOWED_WILDCARDS, UNCONDITIONAL_SERVICES } from '../../templates/security/wildcards';
import type { Table } from './blocks';

/** A construct path below a pipeline, and the type of the resource. */
export type ResourceRow = readonly [path: string, type: string];

const code = (texts: readonly string[]): string => texts.map((text) => `\`${text}\``).join(', ');

/** Returns the resources of a pipeline, sorted by path. */
export function resourcesOf(
  props: ThumbnailPipelineProps | ((stack: Stack) => ThumbnailPipelineProps),
  extend: (pipeline: ThumbnailPipeline) => void = () => undefined,
): ResourceRow[] {
  const stack = newStack();
  const pipeline = new ThumbnailPipeline(stack, 'Photos', typeof props === 'function' ? props(stack) : props);
  extend(pipeline);
  return pipeline.node
    .findAll()
    .filter((construct) => CfnResource.isCfnResource(construct))
    .map(({ node, cfnResourceType }): ResourceRow => [node.path.slice(pipeline.node.path.length + 1), cfnResourceType])
    .sort(([one], [other]) => (one < other ? -1 : 1));
}

/** Returns the additional resources of a pipeline with these props, compared with a default pipeline. */
function additionalResources(...args: Parameters<typeof resourcesOf>): ResourceRow[] {
  const known = new Set(resourcesOf({}).map(([path]) => path));
  return resourcesOf(...args).filter(([path]) => !known.has(path));
}

function resourceTable(rows: readonly ResourceRow[]): Table {
  return [['path', 'type'], ...rows.map((row) => row.map((cell) => `\`${cell}\``))];
}

/** Returns the error codes of one kind. */
function errorTable(kind: ErrorKind): Table {
  const codes = Object.entries<ErrorCodeDetails>(ERROR_CODES).filter(([, details]) => details.kind === kind);
  return [
    ['code', 'status', 'retried', 'cause', 'fix'],
    ...codes.map(([name, { status, retryable, description, remedy }]) => [
      `\`${name}\``,
      String(status),
      retryable ? 'yes' : 'no',
      description,
      remedy,
    ]),
  ];
}

/** Tables between `<!-- generated: name -->` and `<!-- end -->`, by name. */
export const GENERATED_TABLES: Readonly<Record<string, () => Table>> = {
  'checks of verify': () => [
    ['check', 'behavior'],
    ...Object.entries(ALL_CHECKS).map(([id, { title }]) => [`\`${id}\``, title]),
  ],
  'logical ids of lambda': () => resourceTable(resourcesOf({})),
  'logical ids of fargate': () => resourceTable(resourcesOf({ compute: ThumbnailCompute.fargate() })),
  'logical ids of hybrid': () =>
    resourceTable(
      additionalResources({ compute: ThumbnailCompute.hybrid() }).filter(([path]) => !path.startsWith('Large/Vpc/')),
    ),
  'logical ids of webFunction': () =>
    resourceTable(
      additionalResources({ api: { compute: ThumbnailCompute.webFunction() } }).filter(
        // The id contains a hash of the code and the settings.
        ([path]) => !path.startsWith('ApiWebFunction/CodeCopy'),
      ),
    ),
  'logical ids of eks': () =>
    resourceTable(
      resourcesOf((stack) => ({ compute: ThumbnailCompute.eks(onImportedCluster(stack)) })).filter(([path]) =>
        path.includes('Pods/'),
      ),
    ),
  'logical ids of eventBridge': () => resourceTable(additionalResources({ trigger: ThumbnailTrigger.eventBridge() })),
  'logical ids of access': () =>
    resourceTable(
      additionalResources({ api: { access: ThumbnailAccess.signed(), writeAccess: ThumbnailAccess.iam() } }),
    ),
  'logical ids of cloudfront': () =>
    resourceTable(
      additionalResources(
        { api: { access: ThumbnailAccess.publicRead() } },
        (pipeline) => void pipeline.addDistribution(),
      ),
    ),
  'logical ids of purge': () =>
    resourceTable(
      additionalResources({ api: { access: ThumbnailAccess.publicRead() } }, (pipeline) => {
        pipeline.addDistribution(undefined, { purge: true });
      }).filter(([path]) => path.includes('/Purge/')),
    ),
  'logical ids of backfill': () =>
    resourceTable(
      additionalResources(
        {},
        (pipeline) => void pipeline.addBackfill(undefined, { refresh: ThumbnailRefresh.onChange() }),
      ),
    ),
  'warning codes': () => [
    ['code', 'cause'],
    ...Object.entries(WARNING_CODES).map(([name, { description }]) => [`\`${name}\``, description]),
  ],
  'logical ids of monitoring': () =>
    resourceTable(
      additionalResources({}, (pipeline) => {
        pipeline.addAlarms();
        pipeline.addDashboard();
        pipeline.addSavedQueries();
      }),
    ),
  'error codes of images': () => errorTable('image'),
  'error codes of requests': () => errorTable('request'),
  'error codes of the runtime': () => errorTable('runtime'),
  'error codes of the object store': () => errorTable('storage'),
  wildcards: () => [
    ['policy of', 'actions', 'resources', 'reason'],
    ...ALLOWED_WILDCARDS.map(({ of, actions, resources, reason }) => [of, code(actions), code(resources), reason]),
  ],
  services: () => [
    ['policy', 'service', 'reason'],
    ...UNCONDITIONAL_SERVICES.map(({ of, service, reason }) => [of, code([service]), reason]),
  ],
  findings: () => [
    ['rules', 'resources', 'found in', 'reason'],
    ...ACKNOWLEDGEMENTS.map(({ rules, on, when, reason }) => [code(rules), code(on), when, reason]),
  ],
};
