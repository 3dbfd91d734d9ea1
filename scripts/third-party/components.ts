// Third-party software in the package: bundled npm packages, installed npm packages and native libraries in the libvips
// binaries.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import type { Lockfile } from './locked-packages';

/** A third-party component. */
export interface Component {
  readonly name: string;
  /** Version; undefined if the binary does not report its version. */
  readonly version: string | undefined;
  /** SPDX licence expression. */
  readonly license: string;
  /** Licence and notice texts that the component includes. */
  readonly texts: readonly string[];
  /** Copyright holder, for components without a licence text. */
  readonly author?: string;
  /** URL of the source code of the component. */
  readonly source: string;
  /** `npm` packages have a package URL and a hash. `native` libraries have no package URL and no hash. */
  readonly kind: 'npm' | 'native';
  /** Whether users can replace the files of the component; false for bundled code. */
  readonly isReplaceable: boolean;
  /** SHA-512 in base64, as verified by npm. Only npm packages have this value. */
  readonly sha512?: string;
  /** Name of the component that contains this library; native libraries only. */
  readonly inside?: string;
}

/** Fields of package.json that this module reads. */
interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly author?: string | { readonly name: string };
  readonly repository?: string | { readonly url: string };
  readonly homepage?: string;
}

const TEXT_FILES = /^(?:licen[cs]e|copying|notice)(?:[.-].*)?$/i;
/** Subfolders of packages that contain further licence texts. */
const INNER_FOLDERS = ['libheif-wasm'];
const NATIVE_PACKAGE = /^@img\/sharp-libvips-/;

/**
 * Returns the npm packages whose code is in the given bundles and in their chunks.
 *
 * @param root root folder of the project
 * @param metafile esbuild's metadata of all bundles
 * @param names names of the bundles
 */
export function bundledPackages(root: string, metafile: Metafile, names: readonly string[]): Component[] {
  const outputs = new Set(
    Object.keys(metafile.outputs).filter((output) => names.some((name) => output.endsWith(`/${name}.js`))),
  );
  for (const output of outputs) {
    // Adds the imported chunks to `outputs`. The loop also iterates over the added chunks.
    metafile.outputs[output]!.imports.filter(({ path }) => path in metafile.outputs).forEach(({ path }) =>
      outputs.add(path),
    );
  }
  const paths = [...outputs]
    .flatMap((output) => Object.entries(metafile.outputs[output]!.inputs))
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0])
    .filter((path) => path !== undefined);
  return sorted([...new Set(paths)].map((path) => packageAt(root, join(root, path), path, false)));
}

/**
 * Returns the npm packages that are installed in a folder, including the libraries inside their binaries.
 *
 * @param root root folder of the project, whose lockfile pins the packages
 * @param folder folder that contains node_modules
 */
export function installedPackages(root: string, folder: string): Component[] {
  const modules = join(folder, 'node_modules');
  const names = readdirSync(modules)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) =>
      name.startsWith('@') ? readdirSync(join(modules, name)).map((inner) => `${name}/${inner}`) : [name],
    );
  return sorted(
    names.flatMap((name) => {
      const found = packageAt(root, join(modules, name), `node_modules/${name}`, true);
      const inside = NATIVE_PACKAGE.test(name)
        ? nativeLibraries(join(modules, name), found)
        : name === 'libheif-js'
          ? [libde265(join(modules, name), found)]
          : [];
      return [found, ...inside];
    }),
  );
}

function packageAt(root: string, folder: string, lockPath: string, isReplaceable: boolean): Component {
  const { name, version, license, author, repository, homepage } = readJson(join(folder, 'package.json')) as Manifest;
  const lockfile = readJson(join(root, 'package-lock.json')) as Lockfile;
  const { integrity } = lockfile.packages[lockPath] ?? {};
  const url = typeof repository === 'string' ? `https://github.com/${repository}` : repository?.url;
  const source = url?.replace(/^git\+/, '').replace(/\.git$/, '') ?? homepage;
  if (!license) {
    throw new Error(
      `${name} ${version} has no license in its package.json: determine its licence or remove the package`,
    );
  }
  if (!integrity?.startsWith('sha512-')) {
    throw new Error(`package-lock.json has no SHA-512 of ${lockPath}: run npm install`);
  }
  return {
    name,
    version,
    license: license === 'LGPL-3.0' ? 'LGPL-3.0-or-later' : license,
    texts: textsIn(folder),
    author: typeof author === 'string' ? author.replace(/ <.*/, '') : author?.name,
    source: source ?? `https://www.npmjs.com/package/${name}`,
    kind: 'npm',
    isReplaceable,
    sha512: integrity.slice('sha512-'.length),
  };
}

function textsIn(folder: string): string[] {
  const here = readdirSync(folder)
    .filter((name) => TEXT_FILES.test(name))
    .sort()
    .map((name) => join(folder, name));
  const inner = INNER_FOLDERS.map((name) => join(folder, name)).filter((path) => existsSync(path));
  return [...here.map((path) => readFileSync(path, 'utf8')), ...inner.flatMap(textsIn)];
}

/** SPDX expressions of the licences that the README of the libvips binaries names. */
const TERMS: Readonly<Record<string, string>> = {
  'BSD 2-Clause': 'BSD-2-Clause',
  'BSD 2-Clause + Alliance for Open Media Patent License 1.0': 'BSD-2-Clause AND LicenseRef-AOMPL-1.0',
  'BSD 3-Clause': 'BSD-3-Clause',
  LGPLv3: 'LGPL-3.0-or-later',
  'MIT License': 'MIT',
  'Mozilla Public License 1.1': 'MPL-1.1',
  'New BSD License': 'BSD-3-Clause',
  'fontconfig License (BSD-like)': 'HPND-sell-variant',
  'freetype License (BSD-like)': 'FTL',
  'libpng License': 'libpng-2.0',
  'libtiff License (BSD-like)': 'libtiff',
  'zlib License': 'Zlib',
  'zlib License, IJG License, BSD 3-Clause': 'Zlib AND IJG AND BSD-3-Clause',
};
/** Names in versions.json that differ from the names in the README. */
const ALIASES: Readonly<Record<string, string>> = { libultrahdr: 'uhdr' };
/** Libraries whose source is part of libvips. They have no separate version. */
const PART_OF_LIBVIPS: ReadonlySet<string> = new Set(['libnsgif']);

function nativeLibraries(folder: string, of: Component): Component[] {
  const versions = readJson(join(folder, 'versions.json')) as Readonly<Record<string, string>>;
  const rows = [...readFileSync(join(folder, 'README.md'), 'utf8').matchAll(/^\| (\S+) +\| (.+?) +\|$/gm)].slice(1);
  if (rows.length < Object.keys(versions).length) {
    throw new Error(`the README of ${of.name} lists ${rows.length} libraries; expected every library in versions.json`);
  }
  return rows.map(([, name = '', linked = '']) => {
    const terms = linked.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1');
    const license = TERMS[terms];
    if (!license) {
      throw new Error(
        `${of.name} contains ${name} under "${terms}", an unknown licence: review it and add it to TERMS`,
      );
    }
    return {
      name,
      version:
        versions[ALIASES[name] ?? name] ??
        versions[name.replace(/^lib/, '')] ??
        (PART_OF_LIBVIPS.has(name) ? `as in libvips ${versions['vips']}` : undefined),
      license,
      texts: [],
      source: /\]\((https:[^)]*)\)/.exec(linked)?.[1] ?? `${of.source}#${name}`,
      kind: 'native',
      isReplaceable: true,
      inside: of.name,
    };
  });
}

/**
 * Returns the HEVC decoder libde265 inside the WebAssembly file of libheif-js. The file contains two version numbers: the
 * version of libheif, which is also the version of the package, and the version of libde265.
 *
 * @throws Error if the file contains no or several versions
 */
function libde265(folder: string, of: Component): Component {
  const wasm = readFileSync(join(folder, 'libheif-wasm/libheif.wasm'), 'latin1');
  const versions = new Set(Array.from(wasm.matchAll(/\0(1\.\d+\.\d+)\0/g), ([, version]) => version));
  versions.delete(of.version);
  const [version] = versions;
  if (!wasm.includes('libde265') || version === undefined || versions.size > 1) {
    throw new Error(
      `${of.name}: cannot determine the version of libde265; found ${[...versions].join(', ') || 'none'}`,
    );
  }
  return {
    name: 'libde265',
    version,
    license: 'LGPL-3.0-or-later',
    texts: [],
    source: 'https://github.com/strukturag/libde265',
    kind: 'native',
    isReplaceable: true,
    inside: of.name,
  };
}

function sorted(components: readonly Component[]): Component[] {
  const keyOf = ({ name, version, inside }: Component): string => `${inside ? 1 : 0} ${name} ${version}`;
  return [...components].sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
}

export function referenceOf({ name, version, inside }: Component): string {
  return `${inside === undefined ? '' : `${inside}/`}${name}@${version ?? 'unknown'}`;
}

/** Merges lists of components without duplicates. */
export function united(...lists: readonly (readonly Component[])[]): Component[] {
  return sorted([...new Map(lists.flat().map((component) => [referenceOf(component), component])).values()]);
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}
