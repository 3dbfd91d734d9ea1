import { readEventSettings } from '../../../runtime/config/event-settings';
import { SettingsError } from '../../../runtime/config/parse-environment';

test('events are disabled by default', () => {
  expect(readEventSettings({})).toEqual({ target: undefined, queueUrl: undefined, pipeline: 'cdk-thumbnails' });
});

test('readEventSettings() reads an event bus and a queue', () => {
  const environment = {
    EVENT_BUS_NAME: 'default',
    EVENT_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/1/q',
    POWERTOOLS_SERVICE_NAME: 'Stack/Photos',
  };
  expect(readEventSettings(environment)).toEqual({
    target: { kind: 'event-bus', busName: 'default' },
    queueUrl: environment.EVENT_QUEUE_URL,
    pipeline: 'Stack/Photos',
  });
});

test('readEventSettings() reads a URL and a token', () => {
  const environment = { EVENTS_URL: 'https://example.com/hook', EVENTS_URL_TOKEN: 'token' };
  expect(readEventSettings(environment).target).toEqual({ kind: 'http', url: environment.EVENTS_URL, token: 'token' });
});

test.each<[string, Record<string, string>]>([
  ['EVENTS_URL', { EVENTS_URL: 'ftp://example.com' }],
  ['EVENTS_URL', { EVENTS_URL: 'https://example.com', EVENT_BUS_NAME: 'default' }],
  ['EVENTS_URL_TOKEN', { EVENTS_URL_TOKEN: 'token' }],
  ['EVENTS_URL_TOKEN', { EVENTS_URL: 'https://example.com', EVENTS_URL_TOKEN: 'a b' }],
  ['EVENT_QUEUE_URL', { EVENT_QUEUE_URL: 'queue' }],
])('readEventSettings() rejects an invalid %s: %j', (variable, environment) => {
  const error = (() => {
    try {
      readEventSettings(environment);
      return undefined;
    } catch (thrown) {
      return thrown;
    }
  })();
  expect(error).toBeInstanceOf(SettingsError);
  expect((error as SettingsError).problems).toEqual([expect.stringMatching(new RegExp(`^${variable}: `))]);
});
