// Checks the library with the lowest supported and the newest aws-cdk-lib. Requires the npm registry.
//
//   npm run check:versions
//
// The script installs each version in a separate folder, and checks two conditions:
// - If jsii compiles lib/ against the lowest version, the files are the same as in dist.
// - An app has the same templates with each version, except for the known differences below.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { filesBelow } from '../directory-hash';

const root = join(__dirname, '../..');
const { peerDependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
};
const PEERS = ['aws-cdk-lib', 'constructs'];
/** Packages that jsii needs in addition to the peer dependencies. */
const COMPILER = ['jsii', 'typescript', '@types/node', 'undici-types'];
const SOURCES = ['lib', 'runtime/contract', 'package.json', 'README.md', 'LICENSE', 'NOTICE'];
const BUILT = ['dist/lib', 'dist/runtime', 'dist/assets', 'lib/cdn/functions', 'container', 'package.json'];

/** Known differences between templates of different versions. These differences do not change deployed resources. */
const KNOWN: readonly { readonly what: string; readonly path: RegExp }[] = [
  {
    what: 'newer versions create one policy per bucket for the notification handler, older ones one policy for all',
    path: /^Resources\.(?:BucketNotificationsHandler\w+|\w+BucketNotifications(?:HandlerPolicy)?[0-9A-F]{8})(?:\.DependsOn\.\d+)?$/,
  },
];

/**
 * App that the check synthesizes with each version. The app contains several compute types, a distribution and every kind of
 * access. It also checks that `ThumbnailCompute.webFunction()` throws an error in CDK versions without web functions.
 */
const APP = `
const { App, Stack } = require('aws-cdk-lib');
const ec2 = require('aws-cdk-lib/aws-ec2');
const eks = require('aws-cdk-lib/aws-eks-v2');
const iam = require('aws-cdk-lib/aws-iam');
const { Thumbnail, ThumbnailAccess, ThumbnailCompute, ThumbnailPipeline, ThumbnailTrigger } = require('cdk-thumbnails');
const app = new App({ outdir: process.argv[2], context: {} });
new ThumbnailPipeline(new Stack(app, 'Defaults'), 'Photos');
new ThumbnailPipeline(new Stack(app, 'Fargate'), 'Photos', {
  compute: ThumbnailCompute.fargate(),
  trigger: ThumbnailTrigger.eventBridge(),
});
const kubernetes = new Stack(app, 'Kubernetes');
const cluster = eks.Cluster.fromClusterAttributes(kubernetes, 'Cluster', {
  clusterName: 'apps',
  clusterSecurityGroupId: 'sg-0123456789abcdef0',
  vpc: ec2.Vpc.fromVpcAttributes(kubernetes, 'Vpc', {
    vpcId: 'vpc-0123456789abcdef0',
    availabilityZones: ['eu-central-1a', 'eu-central-1b'],
    privateSubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
    privateSubnetRouteTableIds: ['rtb-0123456789abcdef0', 'rtb-0123456789abcdef1'],
  }),
  kubectlProvider: eks.KubectlProvider.fromKubectlProviderAttributes(kubernetes, 'Kubectl', {
    serviceToken: 'arn:aws:lambda:eu-central-1:111111111111:function:kubectl',
  }),
});
const kedaOperatorRole = iam.Role.fromRoleArn(kubernetes, 'Keda', 'arn:aws:iam::111111111111:role/keda');
new ThumbnailPipeline(kubernetes, 'Photos', { compute: ThumbnailCompute.eks({ cluster, kedaOperatorRole }) });
new ThumbnailPipeline(new Stack(app, 'Public'), 'Photos', {
  thumbnails: [Thumbnail.avatar(), ...Thumbnail.responsiveSet()],
  api: { access: ThumbnailAccess.publicRead(), writeAccess: ThumbnailAccess.signed() },
}).addDistribution();
const webFunction = () =>
  new ThumbnailPipeline(new Stack(app, 'WebFunction'), 'Photos', { api: { compute: ThumbnailCompute.webFunction() } });
if (!require('aws-cdk-lib/aws-lambda').WebFunction) {
  // This version of aws-cdk-lib has no web functions. The error of the library must contain the required version.
  require('node:assert').throws(webFunction, /requires aws-cdk-lib 2\\.276\\.0 or newer/);
  app.node.tryRemoveChild('WebFunction');
}
app.synth();
`;

function main(): void {
  const folder = mkdtempSync(join(tmpdir(), 'versions-'));
  try {
    const here = synthesize(folder, 'here', undefined);
    const lowest = Object.fromEntries(PEERS.map((name) => [name, lowestOf(peerDependencies[name]!)]));
    const newest = Object.fromEntries(PEERS.map((name) => [name, newestOf(name)]));
    console.log(`compiled here against ${listOf(devDependencies)}`);
    const failures = [
      ...compareBuilds(compile(folder, lowest)).map(
        (file) => `with the lowest versions, jsii compiles ${file} differently`,
      ),
      ...compare('lowest', lowest, here, synthesize(folder, 'lowest', lowest)),
      ...compare('newest', newest, here, synthesize(folder, 'newest', newest)),
    ];
    for (const failure of failures) {
      console.error(failure);
    }
    if (failures.length > 0) {
      process.exitCode = 1;
    } else {
      console.log('no differences in the package, and only known differences in the templates');
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Compiles lib/ against versions of the peer dependencies; returns the folder of the package. */
function compile(folder: string, versions: Readonly<Record<string, string>>): string {
  const project = join(folder, 'compiled');
  for (const path of SOURCES) {
    cpSync(join(root, path), join(project, path), { recursive: true });
  }
  install(join(project, 'peers'), versions);
  for (const name of [...PEERS, ...COMPILER]) {
    const from = PEERS.includes(name) ? join(project, 'peers', 'node_modules', name) : join(root, 'node_modules', name);
    mkdirSync(dirname(join(project, 'node_modules', name)), { recursive: true });
    symlinkSync(from, join(project, 'node_modules', name), 'junction');
  }
  const options = [
    '--generate-tsconfig',
    'tsconfig.jsii.json',
    '--silence-warnings',
    'metadata/missing-dev-dependency',
  ];
  execFileSync(process.execPath, [join(root, 'node_modules/jsii/bin/jsii'), ...options], {
    cwd: project,
    stdio: 'inherit',
  });
  return project;
}

/** Returns the files whose compiled content differs. */
function compareBuilds(project: string): string[] {
  const files = filesBelow(join(project, 'dist')).filter((path) => /\.(?:js|d\.ts)$/.test(path));
  if (files.length === 0) {
    throw new Error(`${project}/dist is empty; expected the files of jsii. Check the output of jsii`);
  }
  const changed = files.filter((path) => !sameFile(join(project, 'dist', path), join(root, 'dist', path)));
  // The comparison excludes documentation and source locations, because those of inherited members depend on the version of the
  // package `constructs`.
  const assembly = (folder: string): string => {
    const { types } = JSON.parse(readFileSync(join(folder, '.jsii'), 'utf8')) as { readonly types: unknown };
    return JSON.stringify(types, (key, value: unknown) =>
      ['docs', 'locationInModule'].includes(key) ? undefined : value,
    );
  };
  return assembly(project) === assembly(root) ? changed : [...changed, '.jsii'];
}

function sameFile(a: string, b: string): boolean {
  return readFileSync(a).equals(readFileSync(b));
}

/** Returns the templates by stack name, synthesized with the given or the installed versions of the peer dependencies. */
function synthesize(folder: string, name: string, versions: Readonly<Record<string, string>> | undefined): Templates {
  const app = join(folder, name);
  mkdirSync(join(app, 'node_modules'), { recursive: true });
  if (versions) {
    install(app, versions);
  } else {
    for (const peer of PEERS) {
      symlinkSync(join(root, 'node_modules', peer), join(app, 'node_modules', peer), 'junction');
    }
  }
  for (const path of BUILT) {
    cpSync(join(root, path), join(app, 'node_modules/cdk-thumbnails', path), { recursive: true });
  }
  writeFileSync(join(app, 'app.js'), APP);
  const outdir = join(app, 'cdk.out');
  execFileSync(process.execPath, ['app.js', outdir], { cwd: app, stdio: ['ignore', 'inherit', 'inherit'] });
  const stacks = ['Defaults', 'Fargate', 'Public'];
  return Object.fromEntries(
    stacks.map((stack) => [stack, JSON.parse(readFileSync(join(outdir, `${stack}.template.json`), 'utf8')) as unknown]),
  );
}

type Templates = Readonly<Record<string, unknown>>;

function compare(
  which: string,
  versions: Readonly<Record<string, string>>,
  here: Templates,
  there: Templates,
): string[] {
  const found = Object.keys(here).flatMap((stack) =>
    differences(here[stack], there[stack]).map((path) => ({ stack, path })),
  );
  const unknown = found.filter(({ path }) => !KNOWN.some((known) => known.path.test(path)));
  console.log(
    `${which}: ${listOf(versions)}: ${found.length - unknown.length} known differences, ${unknown.length} unknown`,
  );
  return unknown.map(
    ({ stack, path }) => `with the ${which} aws-cdk-lib, ${versions['aws-cdk-lib']}, ${stack} differs at ${path}`,
  );
}

/** Returns the paths at which two values differ. */
function differences(a: unknown, b: unknown, path = ''): string[] {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return a === b ? [] : [path];
  }
  const [one, other] = [a as Readonly<Record<string, unknown>>, b as Readonly<Record<string, unknown>>];
  const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return keys.flatMap((key) => differences(one[key], other[key], path === '' ? key : `${path}.${key}`));
}

function install(folder: string, versions: Readonly<Record<string, string>>): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true }));
  const packages = Object.entries(versions).map(([name, version]) => `${name}@${version}`);
  npm(['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', ...packages], folder);
}

/** Returns the lowest version of a range such as ^2.240.0. */
function lowestOf(range: string): string {
  const version = /^\^(\d+\.\d+\.\d+)$/.exec(range)?.[1];
  if (version === undefined) {
    throw new Error(`peerDependencies: ${range} is not supported; expected a caret range such as ^2.240.0`);
  }
  return version;
}

function newestOf(name: string): string {
  return npm(['view', name, 'version', '--loglevel=error'], root).trim();
}

function listOf(versions: Readonly<Record<string, string>>): string {
  return PEERS.map((name) => `${name} ${versions[name]}`).join(', ');
}

function npm(args: readonly string[], cwd: string): string {
  const windows = process.platform === 'win32';
  return execFileSync(windows ? 'npm.cmd' : 'npm', [...args], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    shell: windows,
  });
}

main();
