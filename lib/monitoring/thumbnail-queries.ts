import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { IThumbnailPipeline } from '../pipeline/thumbnail-pipeline-interface';
import { injectedProps } from '../private/property-injection';
import { monitoringSourceOf } from './monitoring-source';

/** Properties of {@link ThumbnailQueries}. */
export interface ThumbnailQueriesProps {
  /** Pipeline of this app, or an imported pipeline with `logGroup`. */
  readonly pipeline: IThumbnailPipeline;

  /**
   * Folder of the queries in the CloudWatch console, without a trailing slash.
   *
   * @default - the service name of the pipeline, or its construct path if the name is unknown
   */
  readonly folder?: string;
}

interface Query {
  readonly id: string;
  readonly name: string;
  readonly logs: 'runtime' | 'access';
  readonly query: logs.QueryStringProps;
}

const QUERIES: readonly Query[] = [
  {
    id: 'FailuresAndRejections',
    name: 'Failures and rejections',
    logs: 'runtime',
    query: {
      fields: ['@timestamp', 'status', 'code', 'key', 'error.message', 'correlation_id'],
      filterStatements: ["status in ['failed', 'rejected']"],
      sort: '@timestamp desc',
      limit: 200,
    },
  },
  {
    id: 'Codes',
    name: 'Images by error code',
    logs: 'runtime',
    query: {
      filterStatements: ["status in ['failed', 'rejected']"],
      statsStatements: ['count(*) as images by status, code'],
      sort: 'images desc',
    },
  },
  {
    id: 'SlowestImages',
    name: 'Slowest images',
    logs: 'runtime',
    query: {
      fields: ['@timestamp', 'milliseconds', 'key'],
      filterStatements: ["status = 'made'"],
      sort: 'milliseconds desc',
      limit: 50,
    },
  },
  {
    id: 'OneImage',
    name: 'History of one image (change the key)',
    logs: 'runtime',
    query: {
      fields: ['@timestamp', 'level', 'message', 'status', 'code', 'milliseconds', 'correlation_id'],
      filterStatements: ["key = 'photos/example.jpg'"],
      sort: '@timestamp desc',
    },
  },
  {
    id: 'OneRequest',
    name: 'Lines of one request or message (change the id)',
    logs: 'runtime',
    query: {
      fields: ['@timestamp', 'level', 'message', 'key', 'code', 'error.message'],
      filterStatements: ["correlation_id = 'id from the header X-Request-Id'"],
      sort: '@timestamp asc',
    },
  },
  {
    id: 'RoutesByStatus',
    name: 'Requests by route and status',
    logs: 'access',
    query: {
      statsStatements: [
        'count(*) as requests, pct(milliseconds, 50) as p50, pct(milliseconds, 99) as p99 by route, status',
      ],
      sort: 'requests desc',
    },
  },
  {
    id: 'FailedRequests',
    name: 'Failed requests',
    logs: 'access',
    query: {
      fields: ['@timestamp', 'status', 'method', 'path', 'requestId', 'integrationError'],
      filterStatements: ['status >= 500'],
      sort: '@timestamp desc',
      limit: 200,
    },
  },
];

/** Saved queries of CloudWatch Logs Insights for the logs of a pipeline. Saved queries are free of charge. */
export class ThumbnailQueries extends Construct {
  /** Id of this class for property injectors. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-thumbnails.ThumbnailQueries';

  /** Saved queries. */
  public readonly queries: logs.QueryDefinition[];

  /**
   * Creates the queries. Queries of the access log require an API Gateway HTTP API.
   *
   * @param scope parent construct
   * @param id construct id
   * @param props pipeline and folder
   * @throws Error if the pipeline is imported without `logGroup`
   */
  public constructor(scope: Construct, id: string, props: ThumbnailQueriesProps) {
    super(scope, id);
    props = injectedProps(scope, id, ThumbnailQueries.PROPERTY_INJECTION_ID, props);

    const { pipeline } = props;
    const { logGroup, accessLogGroup, serviceName } = monitoringSourceOf(this, pipeline);
    if (!logGroup) {
      throw new Error(
        `${this.node.path}: logGroup: undefined for the imported pipeline ${pipeline.node.path}; pass logGroup to ` +
          'ThumbnailPipeline.fromThumbnailPipelineAttributes()',
      );
    }
    const folder = props.folder ?? serviceName ?? pipeline.node.path;
    this.queries = QUERIES.flatMap(({ id: queryId, name, logs: kind, query }) => {
      const group = kind === 'runtime' ? logGroup : accessLogGroup;
      return group ? [this.createQuery(queryId, `${folder}/${name}`, group, query)] : [];
    });
  }

  private createQuery(
    id: string,
    name: string,
    group: logs.ILogGroup,
    query: logs.QueryStringProps,
  ): logs.QueryDefinition {
    return new logs.QueryDefinition(this, id, {
      queryDefinitionName: name,
      queryString: new logs.QueryString(query),
      logGroups: [group],
    });
  }
}
