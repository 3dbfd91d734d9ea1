// Installs the framework examples from their lockfiles, builds them, and checks the thumbnail URLs in their pages. Requires a
// registry and `npm run build:lib`. Without arguments, builds all examples. Otherwise, builds the examples with the given
// names.
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildClient } from './client';

const root = join(__dirname, '..');

/**
 * Built page of each example, relative to its folder. The script only checks the types of the example `amplify`, because it has
 * no page.
 */
const PAGES: Readonly<Record<string, string | undefined>> = {
  nextjs: '.next/server/app/index.html',
  nuxt: '.output/public/index.html',
  amplify: undefined,
};

/** URLs that every page contains. */
const URLS = [
  'https://images.example.com/thumbnails/w640/trip/my%20cat.jpg',
  'https://images.example.com/thumbnails/w1280/trip/dog.jpg',
];

async function main(names: readonly string[]): Promise<void> {
  for (const name of names.length > 0 ? names : Object.keys(PAGES)) {
    const folder = join(root, 'examples/web', name);
    const run = (...words: string[]): void => {
      console.log(`${name}: npm ${words.join(' ')}`);
      const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NUXT_TELEMETRY_DISABLED: '1' };
      execFileSync('npm', words, { cwd: folder, stdio: 'inherit', env });
    };
    run('ci', '--no-audit', '--no-fund');
    await install(join(folder, 'node_modules/cdk-thumbnails'));
    run('run', 'build');
    const page = PAGES[name];
    if (page !== undefined) {
      const html = readFileSync(join(folder, page), 'utf8');
      const missing = URLS.filter((url) => !html.includes(url));
      if (missing.length > 0) {
        throw new Error(
          `examples/web/${name}/${page}: expected ${missing.join(' and ')}; check the loader of the example`,
        );
      }
      console.log(`${name}: the page contains the URLs of the thumbnails`);
    }
  }
}

/** Writes the client and the types of the constructs to a folder, because the package of this version is not published. */
async function install(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  for (const path of ['package.json', 'dist/lib', 'dist/runtime/contract']) {
    cpSync(join(root, path), join(folder, path), { recursive: true });
  }
  await buildClient(root, join(folder, 'dist/client'));
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
