/** State of a deployed pipeline that an update must keep. */
export interface DeploymentSnapshot {
  /** Physical ids of the resources with data, by logical id. */
  readonly resources: Readonly<Record<string, string>>;
  /** ETags of the stored thumbnails and manifests, by key. */
  readonly objects: Readonly<Record<string, string>>;
  /** Responses of the HTTP API, by path. */
  readonly responses: Readonly<Record<string, string>>;
}

/** Types of the resources that CloudFormation must not replace. */
export const KEPT_TYPES: readonly string[] = [
  'AWS::S3::Bucket',
  'AWS::SQS::Queue',
  'AWS::SecretsManager::Secret',
  'AWS::ApiGatewayV2::Api',
];

/**
 * Compares a pipeline before and after an update. Returns a description of each loss: replaced resources, missing objects,
 * changed objects and changed responses.
 */
export function compareSnapshots(before: DeploymentSnapshot, after: DeploymentSnapshot): string[] {
  const losses = (kind: string, one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>) =>
    Object.entries(one)
      .filter(([name, value]) => other[name] !== value)
      .map(([name, value]) => `${kind} ${name}: was ${value}, is ${other[name] ?? 'missing'}`);
  return [
    ...losses('resource', before.resources, after.resources),
    ...losses('object', before.objects, after.objects),
    ...losses('response', before.responses, after.responses),
  ];
}
