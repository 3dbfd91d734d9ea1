// The package as npm publishes it, in apps that have nothing else of this repository but what an app installs beside it.
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

/** What the apps of these tests install beside the library. */
const INSTALLED = ['aws-cdk', 'aws-cdk-lib', 'constructs', 'ts-node', 'typescript', '@types/node', 'undici-types'];

/** A template, as far as tests look at it. */
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

/** A place for apps, with the package and its peers installed. */
export class Consumers {
  /** Where the apps are. */
  public readonly folder: string;
  /** What was in the tarball. */
  public readonly library: string;
  private readonly path: string;

  /** Packs the package as `npm publish` would, and installs it without asking a registry. */
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
    // No esbuild, no Docker, no npm: Node.js and nothing else.
    this.path = join(this.folder, 'bin');
    mkdirSync(this.path);
    symlinkSync(process.execPath, join(this.path, 'node'));
  }

  /** Writes an app. */
  public app(name: string, files: Readonly<Record<string, string>>): string {
    const folder = join(this.folder, name);
    mkdirSync(folder);
    for (const [file, text] of Object.entries(files)) {
      writeFileSync(join(folder, file), text);
    }
    return folder;
  }

  /** Runs Node.js in a folder, with nothing on the path and no network. */
  public node(cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Finished {
    const [command, ...before] = withoutNetwork(process.execPath);
    const { status, stdout, stderr, error } = spawnSync(command!, [...before, ...args], {
      cwd,
      encoding: 'utf8',
      env: {
        PATH: this.path,
        HOME: this.folder,
        // Where the network cannot be cut off, whoever asks for it comes to a closed door.
        HTTPS_PROXY: 'http://127.0.0.1:9',
        HTTP_PROXY: 'http://127.0.0.1:9',
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

/** The template of the only stack of an assembly. */
export function templateIn(assembly: string): SynthesizedTemplate {
  const files = readdirSync(assembly).filter((file) => file.endsWith('.template.json'));
  expect(files).toHaveLength(1);
  return JSON.parse(readFileSync(join(assembly, files[0]!), 'utf8')) as SynthesizedTemplate;
}

/** Resources of a type. */
export function resourcesOf(template: SynthesizedTemplate, type: string): SynthesizedResource[] {
  return Object.values(template.Resources).filter((resource) => resource.Type === type);
}

/** Runs npm, of whichever platform. */
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

/** A command in a network of its own, in which there is nobody; as it is where the system does not allow that. */
function withoutNetwork(command: string): string[] {
  unshare ??=
    ['/usr/bin/unshare', '/bin/unshare']
      .filter((path) => existsSync(path))
      .map((path) => [path, '--map-root-user', '--net'])
      .find(([path = '', ...options]) => spawnSync(path, [...options, process.execPath, '--version']).status === 0) ??
    [];
  return [...unshare, command];
}
