// cdk-nag's packs, and what they find in an app.
import { type App, type Stack, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks, ServerlessChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import { ACKNOWLEDGEMENTS, type Acknowledgement } from './acknowledgements';

/** One rule that one resource breaks. */
export interface Finding {
  readonly pack: string;
  /** With its pack: what an acknowledgement names. */
  readonly id: string;
  /** Without its pack, and without the CDK's hashes of logical ids. */
  readonly rule: string;
  /** Below its stack. */
  readonly path: string;
}

/** The packs by the names that their findings start with. */
export const PACKS = ['AwsSolutions', 'Serverless', 'NIST.800.53.R5', 'HIPAA.Security', 'PCI.DSS.321'] as const;

/** What all packs find. Acknowledged findings are none. */
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

/** The explanation of a finding, where there is one. */
export function explanationOf({ rule, path }: Finding): Acknowledgement | undefined {
  return ACKNOWLEDGEMENTS.find(({ rules, on }) => rules.includes(rule) && on.some((pattern) => matches(pattern, path)));
}

/** Acknowledges findings that are explained, each on the resource that it is found on. */
export function acknowledge(stack: Stack, findings: readonly Finding[]): void {
  for (const finding of findings) {
    const explanation = explanationOf(finding);
    if (!explanation) {
      continue;
    }
    const resource = finding.path.split('/').reduce<IConstruct>((scope, id) => scope.node.findChild(id), stack);
    Validations.of(resource).acknowledge({ id: finding.id, reason: explanation.reason });
  }
}

/** Whether a path is meant by a pattern, in which `*` is one id. */
function matches(pattern: string, path: string): boolean {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  return wanted.length === given.length && wanted.every((id, index) => id === '*' || id === given[index]);
}
