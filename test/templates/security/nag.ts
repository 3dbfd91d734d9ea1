// Findings of cdk-nag in an app.
import { type App, type Stack, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks, ServerlessChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import { ACKNOWLEDGEMENTS, type Acknowledgement } from './acknowledgements';

/** A rule that a resource violates. */
export interface Finding {
  readonly pack: string;
  /** Rule with the name of its pack, as in an acknowledgement. */
  readonly id: string;
  /** Rule without the name of its pack and without the hashes of logical ids. */
  readonly rule: string;
  /** Construct path relative to the stack. */
  readonly path: string;
}

/** Names of the packs, as in their findings. */
export const PACKS = ['AwsSolutions', 'Serverless', 'NIST.800.53.R5', 'HIPAA.Security', 'PCI.DSS.321'] as const;

/** Returns the findings of all packs, without acknowledged findings. */
export function findingsOf(app: App): Finding[] {
  const packs = [
    new AwsSolutionsChecks(app),
    new ServerlessChecks(app),
    new NIST80053R5Checks(app),
    new HIPAASecurityChecks(app),
    new PCIDSS321Checks(app),
  ];
  return packs.flatMap((pack) =>
    pack.validateScope(app).violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ constructPath = '' }) => ({
        pack: pack.readPackName,
        id: ruleName,
        rule: ruleName.slice(pack.readPackName.length + 1).replaceAll(/<(\w+?)[0-9A-F]{8}\./g, '<$1.'),
        path: constructPath.split('/').slice(1).join('/'),
      })),
    ),
  );
}

/** Returns the reason for a finding, or undefined. */
export function acknowledgementOf({ rule, path }: Finding): Acknowledgement | undefined {
  return ACKNOWLEDGEMENTS.find(({ rules, on }) => rules.includes(rule) && on.some((pattern) => matches(pattern, path)));
}

/** Acknowledges findings that have a reason, each on its resource. */
export function acknowledge(stack: Stack, findings: readonly Finding[]): void {
  for (const finding of findings) {
    const acknowledgement = acknowledgementOf(finding);
    if (!acknowledgement) {
      continue;
    }
    const resource = finding.path.split('/').reduce<IConstruct>((scope, id) => scope.node.findChild(id), stack);
    Validations.of(resource).acknowledge({ id: finding.id, reason: acknowledgement.reason });
  }
}

/** Returns whether a path matches a pattern, in which `*` matches one id. */
function matches(pattern: string, path: string): boolean {
  const [expected, actual] = [pattern.split('/'), path.split('/')];
  return expected.length === actual.length && expected.every((id, index) => id === '*' || id === actual[index]);
}
