import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Where what we compare with is installed; the project itself depends on none of it. */
export const PEERS = join(__dirname, 'package.json');

/** Loads from bench/node_modules, whatever is installed elsewhere. */
export const requirePeer = createRequire(PEERS);

/** Folder of an installed package. */
export function peerFolder(name: string): string {
  return join(dirname(PEERS), 'node_modules', name);
}

/** Version of an installed package. */
export function peerVersion(name: string): string {
  return (requirePeer(join(peerFolder(name), 'package.json')) as { version: string }).version;
}

/**
 * The Node.js that Lambda and the container run, by the package that carries it; this process's own where that is not
 * installed, or is for another platform.
 */
export function deployedNode(): string {
  const node = join(peerFolder(`node-${process.platform}-${process.arch}`), 'bin/node');
  return existsSync(node) ? node : process.execPath;
}

/** @throws Error that says what to run when the peers are not installed */
export function checkPeers(): void {
  const missing = ['autocannon', 'ipx', 'next', 'sharp', 'ssim.js'].filter((name) => !existsSync(peerFolder(name)));
  if (missing.length > 0) {
    throw new Error(`${missing.join(', ')} not installed, which we compare with: run npm ci --prefix bench`);
  }
}
