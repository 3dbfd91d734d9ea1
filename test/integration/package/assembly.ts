// Reads the public API from .jsii, which `npm run build` writes.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(__dirname, '..', '..', '..');

interface Docs {
  readonly summary?: string;
  readonly remarks?: string;
  readonly default?: string;
  readonly custom?: Readonly<Record<string, string>>;
}

interface Documented {
  readonly name: string;
  readonly docs?: Docs;
}

interface Callable {
  readonly docs?: Docs;
  readonly parameters?: readonly Documented[];
  /** Base type that declares this member and documents its parameters. */
  readonly overrides?: string;
  /** Position in the source; undefined for an implicit constructor. */
  readonly locationInModule?: { readonly filename: string };
}

interface Property extends Documented {
  readonly optional?: boolean;
}

interface Type extends Documented {
  readonly kind: 'class' | 'interface' | 'enum';
  readonly fqn: string;
  /** Whether an interface is a struct, such as props. */
  readonly datatype?: boolean;
  readonly initializer?: Callable;
  readonly members?: readonly Documented[];
  readonly methods?: readonly (Documented & Callable)[];
  readonly properties?: readonly Property[];
}

/** A public type, member or parameter. */
export interface PublicMember {
  /** Path such as `Thumbnail.cover(width)`. */
  readonly path: string;
  readonly docs: Docs;
  /** Whether the member is an optional prop. */
  readonly optionalProp: boolean;
}

/** Returns all public members of the library. */
export function publicMembers(): PublicMember[] {
  const { types } = JSON.parse(readFileSync(join(root, '.jsii'), 'utf8')) as { readonly types: Record<string, Type> };
  return Object.values(types).flatMap(membersOf);
}

function membersOf(type: Type): PublicMember[] {
  const member = ({ name, docs = {} }: Documented, optionalProp = false): PublicMember => ({
    path: name === '' ? type.name : `${type.name}.${name}`,
    docs,
    optionalProp,
  });
  const callable = (name: string, { docs, parameters = [], overrides }: Callable): PublicMember[] => [
    member({ name, docs }),
    ...(overrides?.startsWith('cdk-thumbnails.') ? [] : parameters).map((parameter) =>
      member({ name: `${name}(${parameter.name})`, docs: parameter.docs }),
    ),
  ];
  return [
    member({ name: '', docs: type.docs }),
    ...(type.initializer?.locationInModule ? callable('constructor', type.initializer) : []),
    ...(type.members ?? []).map((value) => member(value)),
    ...(type.methods ?? []).flatMap((method) => callable(method.name, method)),
    ...(type.properties ?? []).map((property) =>
      member(property, type.datatype === true && property.optional === true),
    ),
  ];
}
