import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { publicMembers, root } from './assembly';

const members = publicMembers();

test('the public API has members', () => {
  expect(members.length).toBeGreaterThan(400);
  expect(members.map(({ path }) => path)).toEqual(
    expect.arrayContaining(['ThumbnailPipeline', 'ThumbnailPipeline.constructor(props)', 'Thumbnail.cover(width)']),
  );
});

test('every public member has a summary', () => {
  const undocumented = members.filter(({ docs }) => !docs.summary).map(({ path }) => path);
  expect(undocumented).toEqual([]);
});

test('every optional prop has a @default', () => {
  const props = members.filter(({ optionalProp }) => optionalProp);
  expect(props.length).toBeGreaterThan(100);
  expect(props.filter(({ docs }) => docs.default === undefined).map(({ path }) => path)).toEqual([]);
});

test.each([
  ['undefined', /^undefined$/],
  ['a circular reference such as "the defaults are used"', /default (?:value|props?|settings?) (?:is|are) used/i],
])('no default is %s', (_name, bad) => {
  const found = members.filter(({ docs }) => docs.default !== undefined && bad.test(docs.default));
  expect(found.map(({ path, docs }) => `${path}: ${docs.default}`)).toEqual([]);
});

describe('members that throw have @throws', () => {
  /** Public members of exported classes that contain a throw statement or call `throwIfAny`. */
  const throwing = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => {
      const source = ts.createSourceFile(
        file,
        readFileSync(join(root, 'lib', file), 'utf8'),
        ts.ScriptTarget.ES2023,
        true,
      );
      return source.statements
        .filter(ts.isClassDeclaration)
        .filter((declaration) => isMarked(declaration, ts.SyntaxKind.ExportKeyword))
        .flatMap((declaration) =>
          declaration.members
            .filter((member) => isMarked(member, ts.SyntaxKind.PublicKeyword) && throws(member))
            .map((member): [string, ts.ClassElement] => [
              `${declaration.name?.text}.${member.name?.getText() ?? 'constructor'}`,
              member,
            ]),
        );
    })
    .filter(([name]) => !/\._/.test(name));

  test('the library has at least one member that throws an error', () => {
    expect(throwing.map(([name]) => name)).toEqual(
      expect.arrayContaining(['ThumbnailDistribution.constructor', 'ThumbnailPipeline.connections']),
    );
  });

  test.each(throwing)('%s', (_name, member) => {
    expect(ts.getJSDocTags(member).map(({ tagName }) => tagName.text)).toContain('throws');
  });
});

function isMarked(node: ts.HasModifiers | ts.ClassElement, kind: ts.SyntaxKind): boolean {
  return ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some((modifier) => modifier.kind === kind);
}

function throws(node: ts.Node): boolean {
  if (ts.isThrowStatement(node)) {
    return true;
  }
  if (ts.isCallExpression(node) && node.expression.getText().endsWith('.throwIfAny')) {
    return true;
  }
  return ts.forEachChild(node, throws) ?? false;
}
