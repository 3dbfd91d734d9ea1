// What the package carries of others: npm packages, in the bundles or beside them, and the libraries inside libvips' binaries.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import type { Lockfile } from './locked-packages';

/** One part that is of others. */
export interface Component {
  readonly name: string;
  /** Undefined where its binary does not say. */
  readonly version: string | undefined;
  /** SPDX licence expression. */
  readonly license: string;
  /** Texts of licences and notices that it brings along. */
  readonly texts: readonly string[];
  /** Who it is by, where it brings no text along that says so. */
  readonly author?: string;
  /** Where its source is. */
  readonly source: string;
  /** `npm` packages have a package URL and a hash. */
  readonly kind: 'npm' | 'native';
  /** Whether it is a file of its own, which can be replaced, or a part of a bundle. */
  readonly isReplaceable: boolean;
  /** SHA-512 that npm checked the package against, in base64; of packages only. */
  readonly sha512?: string;
  /** The name of what it is inside of; of native libraries only. */
  readonly inside?: string;
}

/** The parts of a package.json that matter here. */
interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly author?: string | { readonly name: string };
  readonly repository?: string | { readonly url: string };
  readonly homepage?: string;
}

const TEXT_FILES = /^(?:licen[cs]e|copying|notice)(?:[.-].*)?$/i;
/** Folders of packages that hold licences of what they are made of. */
const INNER_FOLDERS = ['libheif-wasm'];
const NATIVE_PACKAGE = /^@img\/sharp-libvips-/;

/**
 * npm packages of which something is in the bundles of these doors.
 *
 * @param root of the project
 * @param metafile what esbuild says of its bundles
 */
export function bundledPackages(root: string, metafile: Metafile, doors: readonly string[]): Component[] {
  const paths = Object.entries(metafile.outputs)
    .filter(([output]) => doors.some((door) => output.endsWith(`/${door}.js`)))
    .flatMap(([, { inputs }]) => Object.entries(inputs))
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0])
    .filter((path) => path !== undefined);
  return sorted([...new Set(paths)].map((path) => packageAt(root, join(root, path), path, false)));
}

/**
 * npm packages that are installed in a folder, and the libraries inside their binaries.
 *
 * @param root of the project, whose lockfile pins them
 * @param folder that holds node_modules
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
      return NATIVE_PACKAGE.test(name) ? [found, ...nativeLibraries(join(modules, name), found)] : [found];
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
    throw new Error(`${name} ${version} names no licence in its package.json: find out, or leave it out`);
  }
  if (!integrity?.startsWith('sha512-')) {
    throw new Error(`package-lock.json has no SHA-512 of ${lockPath}`);
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

/** Terms of the libraries inside libvips' binaries, as their README names them, in SPDX's words. */
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
/** Names that the list of versions has for what the README calls otherwise. */
const ALIASES: Readonly<Record<string, string>> = { libultrahdr: 'uhdr' };

function nativeLibraries(folder: string, of: Component): Component[] {
  const versions = readJson(join(folder, 'versions.json')) as Readonly<Record<string, string>>;
  const rows = [...readFileSync(join(folder, 'README.md'), 'utf8').matchAll(/^\| (\S+) +\| (.+?) +\|$/gm)].slice(1);
  if (rows.length < Object.keys(versions).length) {
    throw new Error(`the README of ${of.name} lists ${rows.length} libraries, its versions.json more: read both`);
  }
  return rows.map(([, name = '', linked = '']) => {
    const terms = linked.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1');
    const license = TERMS[terms];
    if (!license) {
      throw new Error(`${of.name} uses ${name} under «${terms}»: read it, and add it to TERMS`);
    }
    return {
      name,
      version: versions[ALIASES[name] ?? name] ?? versions[name.replace(/^lib/, '')],
      license,
      texts: [],
      source: /\]\((https:[^)]*)\)/.exec(linked)?.[1] ?? `${of.source}#${name}`,
      kind: 'native',
      isReplaceable: true,
      inside: of.name,
    };
  });
}

function sorted(components: readonly Component[]): Component[] {
  const keyOf = ({ name, version, inside }: Component): string => `${inside ? 1 : 0} ${name} ${version}`;
  return [...components].sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
}

/** What tells a component from every other. */
export function referenceOf({ name, version, inside }: Component): string {
  return `${inside === undefined ? '' : `${inside}/`}${name}@${version ?? 'unknown'}`;
}

/** Components of several places, each once. */
export function united(...lists: readonly (readonly Component[])[]): Component[] {
  return sorted([...new Map(lists.flat().map((component) => [referenceOf(component), component])).values()]);
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}
