/**
 * Packages that the bundles do not contain, because they load separate files: a native library (sharp) or WebAssembly
 * (libheif-js).
 */
export const EXTERNAL_PACKAGES = ['sharp', 'libheif-js'] as const;

/** Fields that this module reads from an entry in `packages` of package-lock.json. */
interface LockEntry {
  readonly version: string;
  readonly integrity?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Content of a package-lock.json with lockfile version 3. */
export interface Lockfile {
  readonly lockfileVersion: number;
  readonly packages: Readonly<Record<string, LockEntry>>;
}

/** Contents of a package.json and a package-lock.json that install a subset of the project's locked packages. */
export interface LockedSubset {
  readonly manifest: { readonly dependencies: Readonly<Record<string, string>> } & Readonly<Record<string, unknown>>;
  readonly lockfile: Lockfile & Readonly<Record<string, unknown>>;
}

/**
 * Returns the subset of a lockfile that the named packages need at run time, with unchanged versions and integrity hashes. The
 * subset excludes optional dependencies. Therefore, `names` must include the packages with binaries for the platform.
 *
 * @throws Error if a package is not in the lockfile or has no integrity hash
 */
export function lockedSubset(lockfile: Lockfile, names: readonly string[]): LockedSubset {
  const packages: Record<string, LockEntry> = {};
  const queue = [...names];
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    const place = `node_modules/${name}`;
    if (packages[place]) {
      continue;
    }
    const entry = lockfile.packages[place];
    if (!entry?.integrity) {
      throw new Error(`package-lock.json has no integrity hash of ${name}: run npm install`);
    }
    const { version, integrity, dependencies } = entry;
    packages[place] = { version, integrity, ...(dependencies && { dependencies }) };
    queue.push(...Object.keys(dependencies ?? {}));
  }
  const dependencies = Object.fromEntries(names.map((name) => [name, packages[`node_modules/${name}`]!.version]));
  const root = { name: 'runtime', version: '0.0.0' };
  return {
    manifest: { ...root, private: true, dependencies },
    lockfile: {
      ...root,
      lockfileVersion: lockfile.lockfileVersion,
      packages: { '': { ...root, dependencies }, ...packages },
    },
  };
}
