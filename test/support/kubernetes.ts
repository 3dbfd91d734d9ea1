import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import Ajv from 'ajv';

/** A parsed Kubernetes manifest. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: unknown;
  readonly data?: Readonly<Record<string, string>>;
}

/** Packages with the schemas of API groups that do not belong to Kubernetes. */
const PACKAGES = {
  'keda.sh': '@kubernetes-models/keda',
  'serving.knative.dev': '@kubernetes-models/knative',
  'eventing.knative.dev': '@kubernetes-models/knative',
};

/**
 * Schema of TargetGroupBinding, because npm has no package with this schema. Contains only the fields that this project uses.
 * Specification: https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/targetgroupbinding/spec/
 */
const TARGET_GROUP_BINDING = {
  type: 'object',
  required: ['apiVersion', 'kind', 'metadata', 'spec'],
  properties: {
    apiVersion: { enum: ['elbv2.k8s.aws/v1beta1', 'eks.amazonaws.com/v1'] },
    spec: {
      type: 'object',
      required: ['serviceRef', 'targetGroupARN'],
      additionalProperties: false,
      properties: {
        targetGroupARN: { type: 'string', minLength: 1 },
        targetType: { enum: ['instance', 'ip'] },
        serviceRef: {
          type: 'object',
          required: ['name', 'port'],
          additionalProperties: false,
          properties: { name: { type: 'string' }, port: { type: ['integer', 'string'] } },
        },
      },
    },
  },
};

/** Returns the schema violations of manifests, one message per invalid manifest. */
export function schemaProblemsOf(manifests: readonly KubernetesObject[]): string[] {
  const ajv = new Ajv({ strict: false });
  const passes = ajv.compile(TARGET_GROUP_BINDING);
  const bindings = manifests.filter(({ kind }) => kind === 'TargetGroupBinding');
  return [
    ...modelProblemsOf(manifests.filter(({ kind }) => kind !== 'TargetGroupBinding')),
    ...bindings.flatMap((manifest) => (passes(manifest) ? [] : [ajv.errorsText(passes.errors)])),
  ];
}

/** Validates manifests in a separate process, because the packages are ECMAScript modules, which Jest cannot load. */
function modelProblemsOf(manifests: readonly KubernetesObject[]): string[] {
  const program = `
    import { readFileSync } from 'node:fs';
    const { manifests, packages } = JSON.parse(readFileSync(0, 'utf8'));
    const problems = [];
    for (const manifest of manifests) {
      const [group] = manifest.apiVersion.split('/');
      const home = packages[group] ?? 'kubernetes-models';
      const models = await import(home + '/' + manifest.apiVersion);
      try { new models[manifest.kind](manifest).validate(); } catch (error) { problems.push(error.message); }
    }
    console.log(JSON.stringify(problems));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: join(__dirname, '../..'),
    input: JSON.stringify({ manifests, packages: PACKAGES }),
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout) as string[];
}
