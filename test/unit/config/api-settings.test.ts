import { readApiSettings } from '../../../runtime/config/api-settings';
import { SettingsError } from '../../../runtime/config/parse-environment';

test('readApiSettings() throws one error for all invalid settings', () => {
  const environment = {
    STORAGE: 'tape',
    READ_ACCESS: 'closed',
    DETAILED_METRICS: 'maybe',
    EVENTS_URL_TOKEN: 'token',
  };
  let thrown: unknown;
  try {
    readApiSettings(environment);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(SettingsError);
  const { problems } = thrown as SettingsError;
  for (const variable of ['STORAGE', 'READ_ACCESS', 'DETAILED_METRICS', 'EVENTS_URL_TOKEN']) {
    expect(problems.filter((problem) => problem.startsWith(`${variable}:`))).toHaveLength(1);
  }
});
