// Static checks of the Dockerfile. They do not require Docker.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ThumbnailRuntime } from '../../../lib';
import { ALLOCATOR_VARIABLES, DEFAULT_PORT } from '../../../runtime/contract';
import { DEPLOYED_ENTRY_POINTS } from '../../../scripts/bundle';

interface Instruction {
  readonly name: string;
  readonly value: string;
}

const root = join(__dirname, '..', '..', '..');
const text = readFileSync(join(root, 'container', 'Dockerfile'), 'utf8');
/** Instructions of the Dockerfile, without comments and line continuations. */
const instructions: Instruction[] = text
  .split('\n')
  .filter((line) => !line.startsWith('#'))
  .join('\n')
  .replaceAll(/\\\n\s*/g, ' ')
  .split('\n')
  .filter((line) => line.trim() !== '')
  .map((line) => {
    const [name = '', value = ''] = line.split(/ (.*)/s);
    return { name, value: value.trim() };
  });
const valuesOf = (name: string): string[] => instructions.filter((one) => one.name === name).map(({ value }) => value);

test('the Dockerfile has one stage with a configurable base image that defaults to Node.js 24', () => {
  const [first, second] = instructions;
  expect(first).toEqual({ name: 'ARG', value: 'BASE_IMAGE=public.ecr.aws/docker/library/node:24-trixie-slim' });
  expect(second).toEqual({ name: 'FROM', value: '${BASE_IMAGE}' });
  expect(valuesOf('FROM')).toHaveLength(1);
});

test('the Dockerfile documents the pinning of the base image to a digest', () => {
  const comments = text
    .split('\n')
    .filter((line) => line.startsWith('#'))
    .join('\n');
  expect(comments).toMatch(/--build-arg BASE_IMAGE=\S+@sha256:/);
});

test('the Dockerfile runs no commands and downloads no files during the build', () => {
  expect(new Set(instructions.map(({ name }) => name))).toEqual(
    new Set([
      'ARG',
      'FROM',
      'LABEL',
      'ENV',
      'WORKDIR',
      'COPY',
      'VOLUME',
      'USER',
      'EXPOSE',
      'STOPSIGNAL',
      'HEALTHCHECK',
      'CMD',
    ]),
  );
  // COPY reads from the build context, not from another image or a URL.
  expect(valuesOf('COPY')).toEqual(['--chmod=755 . ./']);
});

test('the Dockerfile copies the runtime as root, so that the user of the container cannot change the runtime', () => {
  expect(valuesOf('WORKDIR')).toEqual(['/app']);
  expect(valuesOf('COPY').join()).not.toMatch(/--chown/);
});

test('the Dockerfile runs as a non-root user with a numeric ID', () => {
  const [user] = valuesOf('USER');
  expect(user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  const after = instructions.slice(instructions.findIndex(({ name }) => name === 'USER')).map(({ name }) => name);
  expect(after).toEqual(['USER', 'EXPOSE', 'STOPSIGNAL', 'HEALTHCHECK', 'CMD']);
});

test('the Dockerfile declares /tmp as the only volume', () => {
  expect(valuesOf('VOLUME')).toEqual(['["/tmp"]']);
});

test('the Dockerfile starts the service without a shell, so that the service receives signals', () => {
  const [command] = valuesOf('CMD');
  expect(JSON.parse(command!)).toEqual(['node', 'service.js']);
  expect(DEPLOYED_ENTRY_POINTS).toHaveProperty('service');
  expect(valuesOf('STOPSIGNAL')).toEqual(['SIGTERM']);
  expect(valuesOf('ENTRYPOINT')).toEqual([]);
});

test('the Dockerfile exposes the port of the service', () => {
  expect(valuesOf('EXPOSE')).toEqual([String(DEFAULT_PORT)]);
});

test('the Dockerfile has the same health check as the ECS task definition', () => {
  const [check] = valuesOf('HEALTHCHECK');
  const [options = '', command = ''] = check!.split(/ CMD (.*)/s);
  expect(JSON.parse(command)).toEqual(ThumbnailRuntime.HEALTH_CHECK_COMMAND);
  expect(options.trim().split(/\s+/)).toEqual(['--interval=30s', '--timeout=5s', '--start-period=30s', '--retries=3']);
});

test('the Dockerfile sets the allocator variables', () => {
  const allocator = Object.entries(ALLOCATOR_VARIABLES).map(([name, value]) => `${name}=${value}`);
  expect(valuesOf('ENV').join(' ').split(/\s+/)).toEqual(['NODE_ENV=production', ...allocator]);
});

test('the Dockerfile has OCI labels', () => {
  const labels = Object.fromEntries(
    [
      ...valuesOf('LABEL')
        .join(' ')
        .matchAll(/(\S+)="([^"]*)"/g),
    ].map(([, name, value]) => [name, value]),
  ) as Record<string, string>;
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly repository: { readonly url: string };
  };
  const label = (name: string): string | undefined => labels[`org.opencontainers.image.${name}`];
  expect(label('title')).toBe(manifest.name);
  expect(label('description')).toBeTruthy();
  expect(label('source')).toBe(manifest.repository.url.replace(/\.git$/, ''));
  expect(label('licenses')).toBe('Apache-2.0 AND LGPL-3.0-or-later');
  expect(label('base.name')).toBe('${BASE_IMAGE}');
  // BASE_IMAGE has a value after FROM only if a second ARG instruction repeats it.
  expect(valuesOf('ARG')).toHaveLength(2);
});
