// Parses the policy statements of a template.
import type { Template } from 'aws-cdk-lib/assertions';

/** Policy statement of a template. */
export interface Statement {
  /** Logical id of the resource or role that owns the policy, without the hash of the CDK. */
  readonly of: string;
  /** `role`: identity-based policy, `trust`: trust policy of a role, `resource`: resource-based policy. */
  readonly kind: 'role' | 'trust' | 'resource';
  readonly effect: string;
  readonly principals: readonly string[];
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** One entry per operator, key and value: `ArnLike aws:SourceArn …`. */
  readonly conditions: readonly string[];
  /** Negated elements: NotAction, NotResource, NotPrincipal. */
  readonly negations: readonly string[];
}

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/** Returns every statement of every policy in a template. */
export function statementsOf(template: Template): Statement[] {
  const resources = template.toJSON()['Resources'] as Readonly<Record<string, Resource>>;
  return Object.entries(resources).flatMap(([id, { Type, Properties = {} }]): Statement[] => {
    if (Type === 'AWS::Lambda::Permission') {
      return [permission(Properties)];
    }
    const managed = [Properties['ManagedPolicyArns'] ?? []].flat().map((arn) => managedPolicy(id, textOf(arn)));
    return [
      ...managed,
      ...policiesIn(Properties).flatMap(([path, list]) => statements(id, Type, Properties, path, list)),
    ];
  });
}

/** Returns a value of a template as text. References have the form `{name}`. */
export function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) {
    return String(value);
  }
  const { Ref, ...functions } = value as {
    readonly Ref?: string;
    readonly 'Fn::GetAtt'?: readonly [string, string];
    readonly 'Fn::Join'?: readonly [string, readonly unknown[]];
    readonly 'Fn::Sub'?: string;
    readonly 'Fn::Select'?: readonly [number, { readonly 'Fn::Split'?: readonly [string, unknown] }];
  };
  if (Ref !== undefined) {
    return `{${Ref.startsWith('AWS::') ? Ref.slice(5) : nameOf(Ref)}}`;
  }
  const { 'Fn::GetAtt': attribute, 'Fn::Join': join, 'Fn::Sub': sub } = functions;
  if (attribute) {
    return attribute[1] === 'Arn' ? `{${nameOf(attribute[0])}}` : `{${nameOf(attribute[0])}.${attribute[1]}}`;
  }
  if (join) {
    return join[1].map(textOf).join(join[0]);
  }
  if (sub !== undefined) {
    return sub.replaceAll(/\$\{(?:AWS::)?([^}]*)\}/g, '{$1}');
  }
  return JSON.stringify(value);
}

/** Returns a logical id without the hash of the CDK. */
function nameOf(id: string): string {
  return id.replace(/[0-9A-F]{8}$/, '');
}

/** Returns all policy documents in the properties of a resource, with their paths. */
function policiesIn(value: unknown, path = ''): (readonly [string, readonly Record<string, unknown>[]])[] {
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  const { Statement: list } = value as { readonly Statement?: readonly Record<string, unknown>[] };
  if (list) {
    return [[path, [list].flat()]];
  }
  return Object.entries(value).flatMap(([key, child]) => policiesIn(child, `${path}/${key}`));
}

function statements(
  id: string,
  type: string,
  properties: Readonly<Record<string, unknown>>,
  path: string,
  list: readonly Record<string, unknown>[],
): Statement[] {
  const isOfRole = type.startsWith('AWS::IAM::');
  const kind = path.endsWith('AssumeRolePolicyDocument') ? 'trust' : isOfRole ? 'role' : 'resource';
  // A policy resource, such as `AWS::S3::BucketPolicy`, names its role, bucket, queue or secret in a property.
  const [target] = [
    properties['Roles'] ?? properties['Bucket'] ?? properties['Queues'] ?? properties['SecretId'] ?? [],
  ].flat();
  const owner = target === undefined ? nameOf(id) : textOf(target).replace(/^\{(.*)\}$/, '$1');
  return list.map((statement) => ({
    of: owner,
    kind,
    effect: String(statement['Effect']),
    principals: principalsOf(statement['Principal']),
    actions: textsOf(statement['Action']),
    resources: textsOf(statement['Resource']),
    conditions: Object.entries((statement['Condition'] ?? {}) as Record<string, Record<string, unknown>>).flatMap(
      ([operator, keys]) =>
        Object.entries(keys).flatMap(([key, values]) => textsOf(values).map((value) => `${operator} ${key} ${value}`)),
    ),
    negations: Object.keys(statement).filter((key) => key.startsWith('Not')),
  }));
}

function managedPolicy(id: string, arn: string): Statement {
  const none = { principals: [], conditions: [], negations: [] };
  return {
    of: nameOf(id),
    kind: 'role',
    effect: 'Allow',
    actions: [`managed policy ${arn}`],
    resources: ['*'],
    ...none,
  };
}

/** Converts a Lambda permission to a statement of the function's policy. */
function permission(properties: Readonly<Record<string, unknown>>): Statement {
  const { Principal, Action, FunctionName, SourceArn } = properties;
  return {
    of: textOf(FunctionName).replace(/^\{(.*)\}$/, '$1'),
    kind: 'resource',
    effect: 'Allow',
    principals: textsOf(Principal),
    actions: textsOf(Action),
    resources: textsOf(FunctionName),
    conditions: SourceArn === undefined ? [] : [`ArnLike aws:SourceArn ${textOf(SourceArn)}`],
    negations: [],
  };
}

function principalsOf(principal: unknown): string[] {
  if (principal === undefined) {
    return [];
  }
  if (typeof principal === 'string') {
    return [principal];
  }
  return Object.values(principal as Record<string, unknown>).flatMap(textsOf);
}

function textsOf(values: unknown): string[] {
  return values === undefined ? [] : [values].flat().map(textOf);
}
