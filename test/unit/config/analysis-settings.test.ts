import { readAnalysisSettings } from '../../../runtime/config/analysis-settings';
import { readCoreSettings } from '../../../runtime/config/core-settings';
import { SettingsError } from '../../../runtime/config/parse-environment';

const BASE = {
  SOURCE_BUCKET: 'photos',
  THUMBNAIL_BUCKET: 'thumbs',
  THUMBNAILS: JSON.stringify([{ name: 'small', fit: 'inside', width: 1, height: 1, formats: [{ type: 'webp' }] }]),
};
const DEFAULTS = { animationFrames: 3, timeoutSeconds: 10, failure: 'dead-letter', retries: 8 };
const FUNCTION_ARN = 'arn:aws:lambda:eu-west-1:123456789012:function:check';

const read = (analysis: unknown) => readCoreSettings({ ...BASE, ANALYSIS: JSON.stringify(analysis) }).analysis;

function problemsOf(analysis: unknown): readonly string[] {
  try {
    read(analysis);
  } catch (error) {
    return (error as SettingsError).problems;
  }
  throw new Error('the settings are valid');
}

test('the settings contain no analysis by default', () => {
  expect(readCoreSettings(BASE)).not.toHaveProperty('analysis');
});

test.each([
  [
    { provider: 'rekognition', moderation: {} },
    { moderation: { minConfidence: 60, labels: [], storeLabels: false }, facesAsFocalPoint: false },
  ],
  [{ provider: 'rekognition', facesAsFocalPoint: true, region: 'eu-west-1' }, {}],
  [{ provider: 'lambda', functionArn: FUNCTION_ARN }, {}],
  [{ provider: 'lambda', functionArn: `${FUNCTION_ARN}:live`, checkVersion: '2' }, {}],
  [{ provider: 'http', url: 'http://check:8080/images' }, {}],
])('missing values take their defaults: %j', (analysis, defaults) => {
  expect(read(analysis)).toEqual({ ...DEFAULTS, ...analysis, ...defaults });
});

test.each([
  ['no moderation and no faces', { provider: 'rekognition' }],
  ['an unknown provider', { provider: 'other' }],
  ['an array of moderation settings', { provider: 'rekognition', moderation: [] }],
  ['a threshold above 100', { provider: 'rekognition', moderation: { minConfidence: 101 } }],
  ['too many labels', { provider: 'rekognition', moderation: { labels: Array.from({ length: 31 }, () => 'a') } }],
  ['too many frames', { provider: 'http', url: 'https://a.example/', animationFrames: 6 }],
  ['a timeout above 60', { provider: 'http', url: 'https://a.example/', timeoutSeconds: 61 }],
  ['an unknown failure mode', { provider: 'http', url: 'https://a.example/', failure: 'pass' }],
  ['an unknown member', { provider: 'http', url: 'https://a.example/', moderation: {} }],
  ['a name instead of an ARN', { provider: 'lambda', functionArn: 'check' }],
])('the settings reject %s', (_name, analysis) => {
  expect(problemsOf(analysis)).toEqual([expect.stringMatching(/^ANALYSIS/)]);
});

test('the error for an invalid URL does not contain the URL', () => {
  const [problem] = problemsOf({ provider: 'http', url: 'ftp://user:secret@example.com/' });
  expect(problem).toMatch(/^ANALYSIS at url: /);
  expect(problem).not.toMatch(/secret/);
});

test('the queue URL is ANALYSIS_QUEUE_URL, or QUEUE_URL if ANALYSIS_QUEUE_URL is not set', () => {
  const [own, other] = ['https://sqs.example.com/1/own', 'https://sqs.example.com/1/other'];
  expect(readAnalysisSettings({})).toEqual({ keys: undefined, queueUrl: undefined });
  expect(readAnalysisSettings({ QUEUE_URL: other }).queueUrl).toBe(other);
  expect(readAnalysisSettings({ QUEUE_URL: other, ANALYSIS_QUEUE_URL: own }).queueUrl).toBe(own);
  expect(readAnalysisSettings({ ANALYSIS_KEYS: '{}' }).keys).toBe('{}');
  expect(() => readAnalysisSettings({ ANALYSIS_QUEUE_URL: 'queue' })).toThrow(SettingsError);
});
