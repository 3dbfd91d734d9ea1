import { readArguments } from '../../../../cli/studio/arguments';

test('what is left out takes its default', () => {
  expect(readArguments([])).toEqual({ assembly: 'cdk.out', variant: 'lambda' });
});

test('the folder and the variant are taken, in any order and spelling', () => {
  const expected = { assembly: 'out', variant: 'fargate' };
  expect(readArguments(['out', '--variant', 'fargate'])).toEqual(expected);
  expect(readArguments(['--variant=fargate', 'out'])).toEqual(expected);
});

test.each([
  [['--variant', 'docker'], '--variant: got "docker", allowed: lambda, fargate'],
  [['--variant'], /--variant/],
  [['--port', '1'], /--port/],
  [['cdk.out', 'fargate'], 'got "fargate", allowed: --variant lambda or fargate'],
])('fails on %j', (words, message) => {
  expect(() => readArguments(words)).toThrow(message);
});
