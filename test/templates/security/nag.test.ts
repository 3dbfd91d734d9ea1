// Rule packs of cdk-nag, for pipelines without props and for the strict stacks of docs/explanation/security.md.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack, Validations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import recommendedFlags from 'aws-cdk-lib/recommended-feature-flags.json';
import { AwsSolutionsChecks } from 'cdk-nag';
import * as library from '../../../lib';
import { read, root, rowsIn, type Table, toMarkdown } from '../../integration/docs/blocks';
import { onImportedCluster } from '../../support/templates/eks';
import { quietly } from '../../support/templates/stacks';
import { ACKNOWLEDGEMENTS } from './acknowledgements';
import { acknowledge, acknowledgementOf, type Finding, findingsOf, PACKS } from './nag';
import { type StackClass, strictStacks } from './strict-stacks';

class DefaultOnLambda extends Stack {
  public constructor(scope: App, id: string) {
    super(scope, id);
    new library.ThumbnailPipeline(this, 'Photos');
  }
}

class DefaultOnFargate extends Stack {
  public constructor(scope: App, id: string) {
    super(scope, id);
    new library.ThumbnailPipeline(this, 'Photos', { compute: library.ThumbnailCompute.fargate() });
  }
}

class DefaultOnEks extends Stack {
  public constructor(scope: App, id: string) {
    super(scope, id);
    new library.ThumbnailPipeline(this, 'Photos', { compute: library.ThumbnailCompute.eks(onImportedCluster(this)) });
  }
}

class DefaultOnWebFunction extends Stack {
  public constructor(scope: App, id: string) {
    super(scope, id);
    new library.ThumbnailPipeline(this, 'Photos', { api: { compute: library.ThumbnailCompute.webFunction() } });
  }
}

class TwoWebFunctions extends Stack {
  public constructor(scope: App, id: string) {
    super(scope, id);
    new library.ThumbnailPipeline(this, 'Photos', {
      api: { compute: library.ThumbnailCompute.webFunction(), writeAccess: library.ThumbnailAccess.iam() },
    });
  }
}

class DefaultOnEcs extends Stack {
  public constructor(scope: App, id: string) {
    super(scope, id);
    const vpc = new ec2.Vpc(this, 'Vpc', { maxAzs: 2 });
    const cluster = new ecs.Cluster(this, 'Cluster', { vpc });
    const capacity = new ecs.ManagedInstancesCapacityProvider(this, 'Instances', {
      subnets: vpc.privateSubnets,
      securityGroups: [new ec2.SecurityGroup(this, 'InstanceSecurityGroup', { vpc })],
    });
    cluster.addManagedInstancesCapacityProvider(capacity);
    new library.ThumbnailPipeline(this, 'Photos', {
      compute: library.ThumbnailCompute.ecs({
        cluster,
        capacityProviderStrategies: [{ capacityProvider: capacity.capacityProviderName, weight: 1 }],
      }),
    });
  }
}

class DefaultOnHybrid extends Stack {
  public constructor(scope: App, id: string) {
    super(scope, id);
    new library.ThumbnailPipeline(this, 'Photos', { compute: library.ThumbnailCompute.hybrid() });
  }
}

class DefaultOnManagedInstances extends Stack {
  public constructor(scope: App, id: string) {
    super(scope, id);
    const vpc = new ec2.Vpc(this, 'Vpc', { maxAzs: 2 });
    const capacityProvider = new lambda.CapacityProvider(this, 'Instances', {
      subnets: vpc.privateSubnets,
      securityGroups: [new ec2.SecurityGroup(this, 'InstanceSecurityGroup', { vpc })],
    });
    new library.ThumbnailPipeline(this, 'Photos', { compute: library.ThumbnailCompute.lambda({ capacityProvider }) });
  }
}

class DefaultOnPollers extends Stack {
  public constructor(scope: App, id: string) {
    super(scope, id);
    const compute = library.ThumbnailCompute.lambda({ provisionedPollers: { minimum: 2, maximum: 10 } });
    new library.ThumbnailPipeline(this, 'Photos', { compute });
  }
}

const STACKS: Readonly<Record<string, StackClass>> = {
  DefaultOnLambda,
  DefaultOnFargate,
  DefaultOnEks,
  DefaultOnWebFunction,
  TwoWebFunctions,
  DefaultOnEcs,
  DefaultOnHybrid,
  DefaultOnManagedInstances,
  DefaultOnPollers,
  ...strictStacks(),
};

function synthesized(name: string): { readonly app: App; readonly stack: Stack } {
  const app = new App({ context: recommendedFlags });
  const stack = new STACKS[name]!(app, 'Stack');
  quietly(() => app.synth());
  return { app, stack };
}

const results = new Map(
  Object.keys(STACKS).map((name) => {
    const { app, stack } = synthesized(name);
    const found = findingsOf(app);
    acknowledge(stack, found);
    return [name, { found, remaining: findingsOf(app) }];
  }),
);

const textOf = ({ pack, rule, path }: Finding): string => `${pack}: ${rule} on ${path}`;

test('all rule packs have findings in all stacks', () => {
  expect(Object.keys(STACKS)).toHaveLength(11);
  for (const { found } of results.values()) {
    expect(new Set(found.map(({ pack }) => pack))).toEqual(new Set(PACKS));
  }
});

test('the table of findings by pack is current; UPDATE=1 npx jest test/templates/security/nag && npm run format updates it', () => {
  const table: Table = [
    ['stack', ...PACKS.map((pack) => `findings (rules) of ${pack}`)],
    ...Array.from(results, ([name, { found }]) => [
      `\`${name}\``,
      ...PACKS.map((pack) => {
        const ofPack = found.filter((finding) => finding.pack === pack);
        return `${ofPack.length} (${new Set(ofPack.map(({ rule }) => rule)).size})`;
      }),
    ]),
  ];
  const [page, place] = ['docs/explanation/security.md', /(<!-- findings by pack -->\n)([\s\S]*?)(<!-- end -->)/];
  if (process.env['UPDATE'] === '1') {
    writeFileSync(
      join(root, page),
      read(page).replace(place, (_, start, __, end) => `${start}\n${toMarkdown(table)}\n\n${end}`),
    );
  }
  expect(rowsIn(place.exec(read(page))?.[2] ?? '')).toEqual(table);
});

test.each(Object.keys(STACKS))('every finding in %s has an acknowledgement', (name) => {
  const { found, remaining } = results.get(name)!;
  expect(found.filter((finding) => !acknowledgementOf(finding)).map(textOf)).toEqual([]);
  expect(remaining.map(textOf)).toEqual([]);
});

test.each(ACKNOWLEDGEMENTS.map((entry) => [`${entry.rules.join(', ')} (${entry.when})`, entry]))(
  'the acknowledgement applies to a finding: %s',
  (_name, entry) => {
    const findings = [...results].flatMap(([name, { found }]) =>
      found.filter((finding) => acknowledgementOf(finding) === entry).map((finding) => ({ name, ...finding })),
    );
    expect(new Set(findings.map(({ rule }) => rule))).toEqual(new Set(entry.rules));
    const kinds = new Set(findings.map(({ name }) => (name.startsWith('Strict') ? 'strict' : 'default')));
    expect(kinds).toEqual(new Set(entry.when === 'both' ? ['default', 'strict'] : [entry.when]));
    for (const pattern of entry.on) {
      const start = pattern.split('*')[0]!;
      expect([pattern, findings.some(({ path }) => path.startsWith(start))]).toEqual([pattern, true]);
    }
  },
);

test('the rule packs fail the synthesis as CDK plugins unless all findings are acknowledged', () => {
  const synthesize = (acknowledged: readonly Finding[]): (() => unknown) => {
    const app = new App({ context: recommendedFlags });
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    acknowledge(new DefaultOnLambda(app, 'Stack'), acknowledged);
    return () => quietly(() => app.synth());
  };
  const { found } = results.get('DefaultOnLambda')!;
  expect(synthesize(found.slice(1))).toThrow("Acknowledge with 'AwsSolutions::AwsSolutions-S1'");
  expect(synthesize(found)).not.toThrow();
});

test('the library itself acknowledges no findings', () => {
  const stack = new Stack(new App({ context: recommendedFlags }), 'Stack');
  new library.ThumbnailPipeline(stack, 'Photos', { compute: library.ThumbnailCompute.fargate() });
  const acknowledged = stack.node
    .findAll()
    .filter(({ node }) => node.metadata.some(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY))
    .map(({ node }) => node.path)
    .filter((path) => path.startsWith('Stack/Photos'));
  expect(acknowledged).toEqual([]);
});
