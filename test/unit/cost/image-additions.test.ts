import { additions, imageAdditions } from '../../../cost';

const usdOf = (option: string): number => imageAdditions().find((addition) => addition.option === option)!.usd;

test('the cost per image is a thousandth of the monthly cost of a thousand images', () => {
  const [none, thousand] = [additions(0), additions(1000)];
  const increases = new Map(thousand.map(({ option, usd }, index) => [option as string, usd - none[index]!.usd]));
  for (const { option, usd } of imageAdditions().filter(({ option }) => option !== 'encryptionKey')) {
    expect([option, 1000 * usd]).toEqual([option, expect.closeTo(increases.get(option)!, 9)]);
  }
});

test('the entries contain encryption and all options with a cost per image', () => {
  const [none, one] = [additions(0), additions(1)];
  const perImage = one.filter(({ usd }, index) => usd > none[index]!.usd).map(({ option }) => option);
  expect(imageAdditions().map(({ option }) => option)).toEqual([...perImage, 'encryptionKey']);
});

test('a key without an S3 Bucket Key costs at most one KMS request for each GET, HEAD and PUT', () => {
  expect(usdOf('encryptionKey')).toBeCloseTo(7 * 3e-6, 12);
});
