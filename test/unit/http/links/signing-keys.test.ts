import { parseSigningKeys, refreshedKeys, SigningKeysError } from '../../../../runtime/http/links/signing-keys';

const KEY = '0123456789abcdef0123456789abcdef';

describe('parseSigningKeys', () => {
  test('parseSigningKeys() returns all keys with their ids, the oldest key first', () => {
    expect(parseSigningKeys(`{"k1":"${KEY}","k2":"${KEY}x"}`)).toEqual([
      { id: 'k1', key: KEY },
      { id: 'k2', key: `${KEY}x` },
    ]);
  });

  test.each([
    '',
    KEY,
    '{}',
    '[]',
    `["${KEY}"]`,
    'null',
    `{"1":"${KEY}"}`,
    `{"a b":"${KEY}"}`,
    `{"k1":"${KEY.slice(1)}"}`,
    `{"k1":12}`,
    `{"a":"${KEY}","b":"${KEY}","c":"${KEY}","d":"${KEY}","e":"${KEY}"}`,
  ])('parseSigningKeys() rejects %s with an error that does not contain the text', (text) => {
    const rejection = (): Error => {
      try {
        parseSigningKeys(text);
      } catch (error) {
        return error as Error;
      }
      throw new Error('parseSigningKeys() accepts the invalid text; expected an error');
    };
    expect(rejection()).toBeInstanceOf(SigningKeysError);
    expect(rejection().cause).toBeUndefined();
    expect(rejection().message).not.toContain(KEY.slice(1));
  });
});

describe('refreshedKeys', () => {
  function open(fetches: (() => readonly string[])[]) {
    let now = 0;
    let count = 0;
    const keys = refreshedKeys(
      async () => {
        const ids = fetches[Math.min(count, fetches.length - 1)]!;
        count += 1;
        await Promise.resolve();
        return ids().map((id) => ({ id, key: KEY }));
      },
      { refresh: 1000, retry: 100, now: () => now },
    );
    const has = async (id: string) => (await keys.find(id)) !== undefined;
    return { keys, has, at: (time: number) => (now = time), count: () => count };
  }
  const fail = (): never => {
    throw new Error('no response');
  };

  test('refreshedKeys() fetches the keys once for concurrent calls and again after the refresh interval', async () => {
    const { has, at, count } = open([() => ['k1'], () => ['k1', 'k2']]);
    expect(await Promise.all([has('k1'), has('k1'), has('k1')])).toEqual([true, true, true]);
    at(999);
    expect(await has('k1')).toBe(true);
    expect(count()).toBe(1);
    at(1000);
    expect(await has('k2')).toBe(true);
    expect(count()).toBe(2);
  });

  test('refreshedKeys() fetches the keys again for an unknown id, at most once per retry interval', async () => {
    const { has, at, count } = open([() => ['k1'], () => ['k1', 'k2']]);
    await has('k1');
    expect(await has('k2')).toBe(false);
    at(100);
    expect(await has('k2')).toBe(true);
    for (let index = 0; index < 50; index++) {
      expect(await has(`x${index}`)).toBe(false);
    }
    expect(count()).toBe(2);
  });

  test('refreshedKeys() returns the previous keys if a fetch fails, or rejects if no keys exist', async () => {
    const { has, keys, at, count } = open([() => ['k1'], fail, () => ['k2']]);
    expect(await has('k1')).toBe(true);
    at(1000);
    expect(await has('k1')).toBe(true);
    expect(count()).toBe(2);
    at(1100);
    expect(await has('k1')).toBe(false);
    expect((await keys.newest()).id).toBe('k2');
    await expect(open([fail]).has('k1')).rejects.toThrow('no response');
  });
});
