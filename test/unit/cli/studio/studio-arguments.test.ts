import { readStudioArguments } from '../../../../cli/studio/studio-arguments';

test('defaults', () => {
  expect(readStudioArguments([])).toEqual({ assembly: 'cdk.out', variant: 'lambda' });
});

test('accepts directory and variant in any order and spelling', () => {
  const expected = { assembly: 'out', variant: 'fargate' };
  expect(readStudioArguments(['out', '--variant', 'fargate'])).toEqual(expected);
  expect(readStudioArguments(['--variant=fargate', 'out'])).toEqual(expected);
});

test.each([
  [['--variant', 'docker'], '--variant: got "docker"; expected lambda or fargate'],
  [['--variant'], /--variant/],
  [['--port', '1'], /--port/],
  [['cdk.out', 'fargate'], 'got "fargate"; expected --variant lambda or --variant fargate'],
])('throws on %j', (words, message) => {
  expect(() => readStudioArguments(words)).toThrow(message);
});

test.each([['--help'], ['-h'], ['cdk.out', '--help']])('returns the help text for %s', (...words) => {
  const help = readStudioArguments(words);
  for (const name of ['--variant', 'HOST', 'PORT', 'DATA_DIR']) {
    expect(help).toContain(name);
  }
});
