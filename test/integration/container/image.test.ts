// Builds and runs the container image without Docker. The test requires buildah and the root user on Linux.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '..', '..', '..');
const runtime = join(root, 'dist/assets', process.arch === 'arm64' ? 'arm64' : 'x86_64', 'service.js');
const works = (command: string, ...words: string[]): boolean =>
  spawnSync(command, words, { stdio: 'ignore' }).status === 0;
const canBuild =
  existsSync(runtime) && works('buildah', '--version') && works('unshare', '--mount', 'chroot', '/', 'true');

(canBuild ? test : test.skip)(
  'builds without a network, runs read-only as an unprivileged user, creates thumbnails and stops on SIGTERM',
  () => {
    const words = [require.resolve('ts-node/dist/bin.js'), '-T', join(root, 'scripts/container.ts')];
    const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: root, encoding: 'utf8' });
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.split('\n').map((line) => line.replace(/\d{4,}$/, 'PORT'))).toEqual([
      'container: built the image, without a network',
      'container: user 1000:1000, labels 6, volumes /tmp',
      'container: user and write errors: 1000 EROFS EROFS EROFS ',
      'container: runs on http://localhost:PORT',
      'container: a thumbnail: 200 webp 80',
      'container: health check of the service and of an unused port: 0 1',
      'container: the exit code after SIGTERM: 0',
      '',
    ]);
  },
  180_000,
);
