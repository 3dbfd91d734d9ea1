// Installs the published form of the package in apps outside this repository.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export const root = join(__dirname, '..', '..', '..');

/** Packages that the apps install in addition to the library. */
const INSTALLED = ['aws-cdk', 'aws-cdk-lib', 'constructs', 'ts-node', 'typescript', '@types/node', 'undici-types'];

/** The part of a template that the tests read. */
export interface SynthesizedTemplate {
  readonly Resources: Readonly<Record<string, SynthesizedResource>>;
}

export interface SynthesizedResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: unknown;
}

export interface Finished {
  readonly status: number | null;
  readonly output: string;
}

/** Folder of apps that share an installation of the package and its peer dependencies. */
export class Consumers {
  /** Path of the folder. */
  public readonly folder: string;
  /** Path of the unpacked tarball. */
  public readonly library: string;
  private readonly path: string;

  /** Packs the package as `npm publish` does, and installs it without a registry. */
  public constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'consumers-'));
    const modules = join(this.folder, 'node_modules');
    this.library = join(modules, 'cdk-thumbnails');
    mkdirSync(this.library, { recursive: true });
    const packed = npm(['pack', '--ignore-scripts', '--json', '--pack-destination', this.folder]);
    const [{ filename }] = JSON.parse(packed) as [{ readonly filename: string }];
    execFileSync('tar', ['-xzf', join(this.folder, filename), '-C', this.library, '--strip-components=1']);
    for (const name of INSTALLED) {
      mkdirSync(dirname(join(modules, name)), { recursive: true });
      symlinkSync(join(root, 'node_modules', name), join(modules, name), 'junction');
    }
    // PATH contains only Node.js, without esbuild, Docker and npm.
    this.path = join(this.folder, 'bin');
    mkdirSync(this.path);
    symlinkSync(process.execPath, join(this.path, 'node'));
  }

  /** Writes the files of an app and returns its folder. */
  public app(name: string, files: Readonly<Record<string, string>>): string {
    const folder = join(this.folder, name);
    mkdirSync(folder);
    for (const [file, text] of Object.entries(files)) {
      writeFileSync(join(folder, file), text);
    }
    return folder;
  }

  /** Runs Node.js in a folder without network access. PATH contains only Node.js. */
  public node(cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Finished {
    const [command, ...before] = withoutNetwork(process.execPath);
    const { status, stdout, stderr, error } = spawnSync(command!, [...before, ...args], {
      cwd,
      encoding: 'utf8',
      env: {
        PATH: this.path,
        HOME: this.folder,
        // Systems without network namespaces use a proxy that rejects connections.
        HTTPS_PROXY: 'http://127.0.0.1:9',
        HTTP_PROXY: 'http://127.0.0.1:9',
        // Other tests validate the templates.
        CDK_VALIDATION: 'false',
        ...env,
      },
    });
    if (error) {
      throw error;
    }
    return { status, output: stdout + stderr };
  }

  public remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Returns the template of the only stack of an assembly. */
export function templateIn(assembly: string): SynthesizedTemplate {
  const files = readdirSync(assembly).filter((file) => file.endsWith('.template.json'));
  expect(files).toHaveLength(1);
  return JSON.parse(readFileSync(join(assembly, files[0]!), 'utf8')) as SynthesizedTemplate;
}

/** Returns all resources of a type. */
export function resourcesOf(template: SynthesizedTemplate, type: string): SynthesizedResource[] {
  return Object.values(template.Resources).filter((resource) => resource.Type === type);
}

/** Runs npm on any platform and returns its output. */
export function npm(args: readonly string[]): string {
  const windows = process.platform === 'win32';
  return execFileSync(windows ? 'npm.cmd' : 'npm', [...args], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    shell: windows,
  });
}

let unshare: readonly string[] | undefined;

/** Prefixes a command with `unshare --net`, if the system permits it. */
function withoutNetwork(command: string): string[] {
  unshare ??=
    ['/usr/bin/unshare', '/bin/unshare']
      .filter((path) => existsSync(path))
      .map((path) => [path, '--map-root-user', '--net'])
      .find(([path = '', ...options]) => spawnSync(path, [...options, process.execPath, '--version']).status === 0) ??
    [];
  return [...unshare, command];
}
