import type { Duration, IResolvable } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';

/** First version of aws-cdk-lib with an L2 construct for web functions. */
export const MIN_CDK_VERSION = '2.276.0';

/** Properties of `lambda.WebFunction` that this library sets. */
export interface WebFunctionProps {
  readonly code: unknown;
  readonly runtime: unknown;
  readonly entryPoint: string;
  readonly role: iam.IRole;
  readonly environment: Readonly<Record<string, string>>;
  readonly logGroup: ILogGroup;
  readonly timeout: Duration;
  readonly maxConcurrencyPerEnvironment: number;
  readonly revisionDescription: string;
  readonly defaultEndpointAuth: unknown;
  readonly defaultEndpoint: {
    readonly maxEnvironments: number | undefined;
    readonly rateLimit: number | undefined;
    readonly endpointDescription: string;
  };
}

/** Members of `lambda.WebFunction` that this library uses. */
export interface WebFunction extends Construct, iam.IGrantable {
  readonly webFunctionName: string;
  readonly endpoint: {
    readonly domainName: string;
    readonly grants: { invoke(grantee: iam.IGrantable): iam.Grant };
  };
  readonly resourceRevision: {
    serviceConfig: { readonly environmentVariables?: Readonly<Record<string, string>> | IResolvable };
  };
}

type AssetOptions = Readonly<{ assetHash: string }>;

/**
 * Members of `aws-cdk-lib/aws-lambda` that do not exist in versions before {@link MIN_CDK_VERSION}. The peer dependency allows
 * older versions. Therefore, this library cannot import the types.
 */
export interface WebFunctionLibrary {
  readonly WebFunction: new (scope: Construct, id: string, props: WebFunctionProps) => WebFunction;
  readonly WebFunctionCode: {
    fromAssetToManagedBucket(path: string, options: AssetOptions): unknown;
    fromAssetToProvidedBucket(bucket: s3.IBucket, path: string, options: AssetOptions): unknown;
  };
  readonly WebFunctionRuntime: { readonly NODEJS_24_X: unknown };
  readonly WebFunctionAuthType: { readonly IAM_AUTH: unknown; readonly APPLICATION_MANAGED: unknown };
}

/** Returns the constructs for web functions; undefined if the installed aws-cdk-lib has none. */
export function webFunctionLibrary(installed: object = lambda): WebFunctionLibrary | undefined {
  const found = installed as Partial<WebFunctionLibrary>;
  return found.WebFunction && found.WebFunctionCode && found.WebFunctionRuntime && found.WebFunctionAuthType
    ? (found as WebFunctionLibrary)
    : undefined;
}
