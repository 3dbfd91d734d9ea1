// Policies of all configurations.
import { CONFIGURATIONS, templates } from './configurations';
import { type Statement, statementsOf } from './statements';
import { ALLOWED_WILDCARDS, ownerOf, UNCONDITIONAL_SERVICES, wildcardsOf } from './wildcards';

const all = new Map([...templates()].map(([name, template]) => [name, statementsOf(template)]));
const allStatements = [...all.values()].flat();

const lineOf = (statement: Statement, text: string): string =>
  `${statement.kind} of ${ownerOf(statement)} (${statement.of}): ${text}`;

test('the configurations have statements of all kinds', () => {
  expect(allStatements.length).toBeGreaterThan(100);
  expect(new Set(allStatements.map(({ kind }) => kind))).toEqual(new Set(['role', 'trust', 'resource']));
});

describe.each(CONFIGURATIONS)('%s', (configuration) => {
  const statements = all.get(configuration)!;
  const allowed = statements.filter(({ effect }) => effect === 'Allow');

  test('the configuration has only listed wildcards', () => {
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

  test('the statements that allow access have no negated elements and no wildcard principals', () => {
    expect(allowed.filter(({ negations }) => negations.length > 0)).toEqual([]);
    expect(allowed.filter(({ principals }) => principals.some((principal) => /[*?]/.test(principal)))).toEqual([]);
    expect(allowed.filter(({ kind, principals }) => kind !== 'role' && principals.length === 0)).toEqual([]);
  });

  test('service principals have access only with a source condition or for a listed reason', () => {
    const unlisted = allowed
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
    expect(unlisted).toEqual([]);
  });

  test('conditions limit aws:SourceArn to an account or a resource', () => {
    const sources = allowed.flatMap(({ conditions }) => conditions.filter((line) => /aws:SourceArn/i.test(line)));
    for (const source of sources) {
      // The part before a wildcard contains the account or a resource of the template.
      expect(source.split('*')[0]).toMatch(/\{AccountId\}|\{Photos|\{Both/);
    }
  });
});

test.each(
  ALLOWED_WILDCARDS.map((entry) => [`${entry.of}: ${entry.actions.join()} on ${entry.resources.join()}`, entry]),
)('the list contains only necessary wildcards: %s', (_name, { of, actions, resources }) => {
  const found = allStatements
    .filter((statement) => ownerOf(statement) === of)
    .flatMap(wildcardsOf)
    .filter(({ action, resource }) => actions.includes(action) && resources.includes(resource));
  expect([...new Set(found.map(({ action }) => action))].sort()).toEqual([...actions].sort());
  expect([...new Set(found.map(({ resource }) => resource))].sort()).toEqual([...resources].sort());
});

test('the list of allowed wildcards does not allow a wildcard in an action', () => {
  const statement: Statement = {
    of: 'PhotosUploadFunctionRole',
    kind: 'role',
    effect: 'Allow',
    principals: [],
    actions: ['s3:GetObject*'],
    resources: ['{PhotosSourceBucket}/*'],
    conditions: [],
    negations: [],
  };
  const [wildcard] = wildcardsOf(statement);
  expect(wildcard).toEqual({ action: 's3:GetObject*', resource: '{PhotosSourceBucket}/*' });
  expect(ALLOWED_WILDCARDS.filter(({ actions }) => actions.includes('s3:GetObject*'))).toEqual([]);
});
