import { CfnResource, Stack } from 'aws-cdk-lib';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import {
  ThumbnailAccess,
  ThumbnailCompute,
  ThumbnailPipeline,
  ThumbnailRefresh,
  ThumbnailTrigger,
  type ThumbnailPipelineProps,
} from '../../../../lib';
import { onImportedCluster } from '../../../support/templates/eks';
import { newStack } from '../../../support/templates/stacks';
import type { Table } from '../blocks';

/** A construct path below a pipeline, and the type of the resource. */
export type ResourceRow = readonly [path: string, type: string];

/** Returns the resources of a pipeline, sorted by path. */
export function resourcesOf(
  props: ThumbnailPipelineProps | ((stack: Stack) => ThumbnailPipelineProps),
  extend: (pipeline: ThumbnailPipeline) => void = () => undefined,
  stack: Stack = newStack(),
): ResourceRow[] {
  const pipeline = new ThumbnailPipeline(stack, 'Photos', typeof props === 'function' ? props(stack) : props);
  extend(pipeline);
  return pipeline.node
    .findAll()
    .filter((construct) => CfnResource.isCfnResource(construct))
    .map(({ node, cfnResourceType }): ResourceRow => [node.path.slice(pipeline.node.path.length + 1), cfnResourceType])
    .sort(([one], [other]) => (one < other ? -1 : 1));
}

/** Returns the resources of a pipeline that a default pipeline does not have. */
function additionalResources(...args: Parameters<typeof resourcesOf>): ResourceRow[] {
  const known = new Set(resourcesOf({}).map(([path]) => path));
  return resourcesOf(...args).filter(([path]) => !known.has(path));
}

function resourceTable(rows: readonly ResourceRow[]): Table {
  return [['path', 'type'], ...rows.map((row) => row.map((cell) => `\`${cell}\``))];
}

const publicRead = { access: ThumbnailAccess.publicRead() };

/** Tables of the construct paths, by name. */
export const LOGICAL_ID_TABLES: Readonly<Record<string, () => Table>> = {
  'logical ids of lambda': () => resourceTable(resourcesOf({})),
  'logical ids of fargate': () => resourceTable(resourcesOf({ compute: ThumbnailCompute.fargate() })),
  'logical ids of hybrid': () =>
    resourceTable(
      additionalResources({ compute: ThumbnailCompute.hybrid() }).filter(([path]) => !path.startsWith('Large/Vpc/')),
    ),
  'logical ids of webFunction': () =>
    resourceTable(
      additionalResources({
        api: { compute: ThumbnailCompute.webFunction(), writeAccess: ThumbnailAccess.iam() },
        // The ids of these resources change with the code and the settings.
      }).filter(([path]) => !path.includes('WebFunction/CodeCopy')),
    ),
  'logical ids of eks': () =>
    resourceTable(
      resourcesOf((stack) => ({ compute: ThumbnailCompute.eks(onImportedCluster(stack)) })).filter(([path]) =>
        path.includes('Pods/'),
      ),
    ),
  'logical ids of eventBridge': () => resourceTable(additionalResources({ trigger: ThumbnailTrigger.eventBridge() })),
  'logical ids of afterMalwareScan': () =>
    resourceTable(additionalResources({ trigger: ThumbnailTrigger.afterMalwareScan() })),
  'logical ids of access': () =>
    resourceTable(
      additionalResources({ api: { access: ThumbnailAccess.signed(), writeAccess: ThumbnailAccess.iam() } }),
    ),
  'logical ids of events': () =>
    resourceTable(additionalResources({}, (pipeline) => void pipeline.onThumbnailsReady('Ready'))),
  'logical ids of cloudfront': () =>
    resourceTable(additionalResources({ api: publicRead }, (pipeline) => void pipeline.addDistribution())),
  'logical ids of access logs': () =>
    resourceTable(
      additionalResources({ api: publicRead }, (pipeline) => {
        const logGroup = new LogGroup(Stack.of(pipeline), 'Logs');
        pipeline.addDistribution(undefined, { accessLogs: { logGroup } });
      }).filter(([path]) => path.startsWith('Distribution/') && path.includes('Log')),
    ),
  'logical ids of webAcl': () =>
    resourceTable(
      additionalResources(
        { api: publicRead },
        (pipeline) => void pipeline.addDistribution(undefined, { webAcl: {} }),
        newStack({ env: { region: 'us-east-1' } }),
      ).filter(([path]) => path.includes('/WebAcl/')),
    ),
  'logical ids of purge': () =>
    resourceTable(
      additionalResources({ api: publicRead }, (pipeline) => {
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
  'logical ids of monitoring': () =>
    resourceTable(
      additionalResources({}, (pipeline) => {
        pipeline.addAlarms();
        pipeline.addDashboard();
        pipeline.addSavedQueries();
      }),
    ),
};
