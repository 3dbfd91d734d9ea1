import { readServiceSettings } from '../../../../runtime/config/service-settings';
import { DEFAULT_LIMITS } from '../../../../runtime/contract';
import { plain, tableBelow } from '../blocks';

// generated-tables.test.ts compares the tables with the variables in runtime/contract.
const page = 'docs/reference/environment.md';
const TABLES = ['Images and thumbnails', 'Service', 'HTTP API', 'Monitoring', 'Events', 'Forwarding', 'Quarantine'];
const required = {
  SOURCE_BUCKET: 'a',
  THUMBNAIL_BUCKET: 'b',
  THUMBNAILS: '[{"name":"small","fit":"inside","width":200,"height":200,"formats":[{"type":"webp"}]}]',
  QUEUE_URL: 'https://example.com/q',
};

/** Returns all settings that the container reads from its environment variables. */
function settingsOf(environment: Readonly<Record<string, string>>): object {
  return readServiceSettings(environment, { cpus: 2, memoryMiB: 2048 });
}

const literalDefaults = TABLES.flatMap((heading) =>
  tableBelow(page, heading).flatMap(({ Variable, Default }) => {
    const [, literal] = /^`([^`]+)`$/.exec(Default!) ?? [];
    return literal === undefined || literal === 'maxFileSizeBytes' ? [] : [[plain(Variable!), literal] as const];
  }),
);

test('at least 14 variables have a literal default', () => {
  expect(literalDefaults.length).toBeGreaterThanOrEqual(14);
});

test.each(literalDefaults)('the default of %s is %s', (variable, literal) => {
  expect(settingsOf({ ...required, [variable]: literal })).toEqual(settingsOf(required));
});

test('the calculated defaults in the documentation equal the defaults of the runtime', () => {
  const { maxDurationSeconds } = DEFAULT_LIMITS;
  const calculated = {
    WORKER_PROCESSES: '3',
    MAX_QUEUED_RENDERS: String(16 * 3),
    JOB_TIMEOUT_SECONDS: String(maxDurationSeconds + 40),
    TRIGGER: 'queue',
  };
  expect(settingsOf({ ...required, ...calculated })).toEqual(settingsOf(required));
});

test('the documented limits equal the default limits', () => {
  const documented = tableBelow(page, 'Limits').map(({ Field, Default }) => [plain(Field!), Number(plain(Default!))]);
  expect(Object.fromEntries(documented)).toEqual(DEFAULT_LIMITS);
});
