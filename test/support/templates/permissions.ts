import type { Template } from 'aws-cdk-lib/assertions';

/** A policy statement of a template. */
export interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
}

/** Returns the permissions of the roles with these name prefixes, one `action on resource` per line. */
export function permissionsOf(template: Template, ...roles: string[]): string[] {
  const policies = Object.entries(template.findResources('AWS::IAM::Policy')) as unknown as [
    string,
    { readonly Properties: { readonly PolicyDocument: { readonly Statement: Statement[] } } },
  ][];
  return policies
    .filter(([id]) => roles.some((role) => id.startsWith(role)))
    .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement)
    .flatMap(({ Action, Resource }) =>
      [Action].flat().flatMap((action) => [Resource].flat().map((resource) => `${action} on ${nameOf(resource)}`)),
    )
    .filter((line, index, all) => all.indexOf(line) === index)
    .sort();
}

/** Returns a short name for the ARN of a resource. */
function nameOf(resource: unknown): string {
  if (typeof resource === 'string') {
    return resource;
  }
  const { Ref, ...functions } = resource as {
    readonly Ref?: string;
    readonly 'Fn::GetAtt'?: [string, string];
    readonly 'Fn::Join'?: [string, unknown[]];
    readonly 'Fn::Sub'?: string;
  };
  if (functions['Fn::GetAtt']) {
    return functions['Fn::GetAtt'][0].replace(/[0-9A-F]{8}$/, '');
  }
  if (functions['Fn::Sub'] !== undefined) {
    return functions['Fn::Sub'].replaceAll(/\$\{([^}]*)\}/g, '$1');
  }
  return Ref ?? (functions['Fn::Join']?.[1] ?? []).map(nameOf).join('');
}
