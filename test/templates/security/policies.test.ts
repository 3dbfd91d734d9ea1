// What every policy of every template allows.
import { CONFIGURATIONS, templates } from './configurations';
import { type Statement, statementsOf } from './statements';
import { ALLOWED_WILDCARDS, ownerOf, UNCONDITIONAL_SERVICES, wildcardsOf } from './wildcards';

const all = new Map([...templates()].map(([name, template]) => [name, statementsOf(template)]));
const every = [...all.values()].flat();

const lineOf = (statement: Statement, text: string): string =>
  `${statement.kind} of ${ownerOf(statement)} (${statement.of}): ${text}`;

test('there are statements of all kinds', () => {
  expect(every.length).toBeGreaterThan(100);
  expect(new Set(every.map(({ kind }) => kind))).toEqual(new Set(['role', 'trust', 'resource']));
});

describe.each(CONFIGURATIONS)('%s', (configuration) => {
  const statements = all.get(configuration)!;
  const allowed = statements.filter(({ effect }) => effect === 'Allow');

  test('has no wildcard that is not on the list', () => {
    const unlisted = allowed.flatMap((statement) =>
      wildcardsOf(statement)
        .filter(
          ({ action, resource }) =>
            !ALLOWED_WILDCARDS.some(
              ({ of, actions, resources }) =>
                of === ownerOf(statement) && actions.includes(action) && resources.includes(resource),
            ),
        )
        .map(({ action, resource }) => lineOf(statement, `${action} on ${resource}`)),
    );
    expect(unlisted).toEqual([]);
  });

  test('allows nothing by what is not meant, and nobody in particular nothing', () => {
    expect(allowed.filter(({ negations }) => negations.length > 0)).toEqual([]);
    expect(allowed.filter(({ principals }) => principals.some((principal) => /[*?]/.test(principal)))).toEqual([]);
    expect(allowed.filter(({ kind, principals }) => kind !== 'role' && principals.length === 0)).toEqual([]);
  });

  test('lets services in for whom they say, or for a reason', () => {
    const unasked = allowed
      .filter(({ kind }) => kind !== 'role')
      .flatMap((statement) =>
        statement.principals
          .filter((principal) => principal.endsWith('.amazonaws.com'))
          .filter(() => !statement.conditions.some((condition) => /aws:Source(?:Arn|Account)/i.test(condition)))
          .filter(
            (service) =>
              !UNCONDITIONAL_SERVICES.some(
                (exception) =>
                  exception.service === service &&
                  (statement.kind === 'trust'
                    ? ['trust: any role', `trust: ${ownerOf(statement)}`].includes(exception.of)
                    : exception.of === ownerOf(statement)),
              ),
          )
          .map((service) => lineOf(statement, service)),
      );
    expect(unasked).toEqual([]);
  });

  test('names an account or a resource wherever a service says for whom it acts', () => {
    const sources = allowed.flatMap(({ conditions }) => conditions.filter((line) => /aws:SourceArn/i.test(line)));
    for (const source of sources) {
      // What stands before a wildcard names an account, or a resource of the template.
      expect(source.split('*')[0]).toMatch(/\{AccountId\}|\{Photos|\{Both/);
    }
  });
});

test.each(
  ALLOWED_WILDCARDS.map((entry) => [`${entry.of}: ${entry.actions.join()} on ${entry.resources.join()}`, entry]),
)('is still needed: %s', (_name, { of, actions, resources }) => {
  const found = every
    .filter((statement) => ownerOf(statement) === of)
    .flatMap(wildcardsOf)
    .filter(({ action, resource }) => actions.includes(action) && resources.includes(resource));
  expect([...new Set(found.map(({ action }) => action))].sort()).toEqual([...actions].sort());
  expect([...new Set(found.map(({ resource }) => resource))].sort()).toEqual([...resources].sort());
});

test('what one list item does not cover, the next does not hide', () => {
  const stranger: Statement = {
    of: 'PhotosUploadFunctionRole',
    kind: 'role',
    effect: 'Allow',
    principals: [],
    actions: ['s3:GetObject*'],
    resources: ['{PhotosSourceBucket}/*'],
    conditions: [],
    negations: [],
  };
  const [wildcard] = wildcardsOf(stranger);
  expect(wildcard).toEqual({ action: 's3:GetObject*', resource: '{PhotosSourceBucket}/*' });
  expect(ALLOWED_WILDCARDS.filter(({ actions }) => actions.includes('s3:GetObject*'))).toEqual([]);
});
