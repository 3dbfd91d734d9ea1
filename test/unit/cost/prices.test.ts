import { PRICES, pricesOf, REGIONS, type Price } from '../../../cost';

test('every price has a source and a month', () => {
  const prices = Object.values(PRICES).flatMap((region) => Object.entries<Price>(region));
  expect(prices.length).toBeGreaterThan(30);
  for (const [name, { usd, source, date }] of prices) {
    expect([name, usd > 0, source.startsWith('https://'), /^2026-\d\d$/.test(date)]).toEqual([name, true, true, true]);
  }
});

test('a Region has every price of us-east-1, and its own prices take precedence over the prices of us-east-1', () => {
  for (const region of REGIONS) {
    const { usd, assumed } = pricesOf(region);
    expect(Object.keys(usd)).toEqual(Object.keys(PRICES['us-east-1']));
    const own: Readonly<Partial<Record<string, Price>>> = PRICES[region];
    for (const [name, price] of Object.entries(usd)) {
      const isOwn = own[name] !== undefined;
      expect([name, price]).toEqual([
        name,
        isOwn ? own[name]!.usd : pricesOf('us-east-1').usd[name as keyof typeof usd],
      ]);
      expect([name, assumed.includes(name as (typeof assumed)[number])]).toEqual([name, !isOwn]);
    }
  }
});
