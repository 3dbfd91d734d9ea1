// Completes the translations of jsii-rosetta. In Java and C#, jsii-rosetta does not import the types of options. In Go,
// jsii-rosetta omits versions, packages and optional arguments.
import { type Method, type Parameter, type Type, TypeKind } from '@jsii/spec';
import type { JsiiTypes, NamedType } from './jsii-types';

/** Text of a comment or of a string. */
const OPAQUE = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\])*"/g;
/** Name of a type without a preceding dot. */
const TYPE_NAME = /(?<![.\w])[A-Z]\w*/g;
const JAVA_COLLECTIONS = ['List', 'Map'];

/** Replaces each part of the code outside of strings and comments with the result of `change`. */
function outsideText(code: string, change: (part: string) => string): string {
  let end = 0;
  let changed = '';
  for (const match of code.matchAll(OPAQUE)) {
    changed += change(code.slice(end, match.index)) + match[0];
    end = match.index + match[0].length;
  }
  return changed + change(code.slice(end));
}

/** Removes repeated comments from a translation, and replaces `undefined` with `undefinedValue`. */
function prepared(translation: string, undefinedValue: string): string {
  return outsideText(translation.replace(/^( *(?:\/\/|#).+\n)(?:\1)+/gm, '$1'), (part) =>
    part.replace(/\bundefined\b/g, undefinedValue),
  );
}

function namesIn(code: string, pattern: RegExp): string[] {
  return [...new Set(code.replace(OPAQUE, ' ').match(pattern))];
}

/** Returns the modules that a TypeScript example imports. */
export function importsOf(example: string): string[] {
  return Array.from(example.matchAll(/from '([^']+)'/g), ([, module]) => module!);
}

/** Returns the aliases of imported types in an example, such as `Jobs` in `import { Queue as Jobs }`. */
function aliasesOf(example: string): Map<string, { readonly name: string; readonly module: string }> {
  const aliases = new Map<string, { readonly name: string; readonly module: string }>();
  for (const [, names = '', module = ''] of example.matchAll(/^import (?:type )?\{([^}]+)\} from '([^']+)'/gm)) {
    for (const [, name = '', alias = ''] of names.matchAll(/(\w+) as (\w+)/g)) {
      aliases.set(alias, { name, module });
    }
  }
  return aliases;
}

export class Completion {
  private readonly imported: readonly string[];
  private readonly aliases: ReturnType<typeof aliasesOf>;

  /**
   * Reads the imported modules and types of an example.
   *
   * @param types types of the assemblies
   * @param example example in TypeScript
   */
  public constructor(
    private readonly types: JsiiTypes,
    example: string,
  ) {
    this.imported = importsOf(example);
    this.aliases = aliasesOf(example);
  }

  /**
   * Returns the Python translation with `None` in place of `undefined`. Adds the import of `os` if the translation reads
   * environment variables.
   */
  public python(translation: string): string {
    const code = prepared(translation, 'None')
      .replace(/\bprocess\.env(?=\[)/g, 'os.environ')
      .trim();
    return `${code.includes('os.environ') ? 'import os\n\n' : ''}${code}\n`;
  }

  /** Returns the Java translation. Adds an import for each type, and replaces properties with getters. */
  public java(translation: string): string {
    const body = outsideText(
      prepared(translation, 'null')
        .replace(/\bprocess\.getEnv\(\)\[("\w+")\]/g, 'System.getenv($1)')
        .replace(/^import .*\n/gm, '')
        .trim(),
      (part) =>
        part
          .replace(/(?<=[a-z)]\w*)\.([a-z]\w*)\b(?!\s*\()/g, (match, name: string, at: number, text: string) =>
            /\bthis$|[A-Z]\w*$/.test(text.slice(0, at)) ? match : `.get${capitalized(name)}()`,
          )
          .replace(/(\w+)\[\] (\w+) = List\.of/g, 'List<$1> $2 = List.of')
          // In method names of builders, only the first letter of an abbreviation is a capital letter.
          .replace(/(?<=\.[a-z]\w*[A-Z])[A-Z]+(?=\()/g, (capitals) => capitals.toLowerCase())
          .replace(TYPE_NAME, (name) => {
            const found = this.aliases.has(name) ? this.find(name) : undefined;
            return found ? `${found.java}.${found.type.name}` : name;
          }),
    );
    const imports = namesIn(body, TYPE_NAME).flatMap((name) => {
      if (JAVA_COLLECTIONS.includes(name)) {
        return [`java.util.${name}`];
      }
      const found = this.find(name);
      return found ? [[found.java, nestedIn(found.type), name].filter((each) => each !== '').join('.')] : [];
    });
    return `${imports
      .toSorted()
      .map((name) => `import ${name};\n`)
      .join('')}\n${body}\n`;
  }

  /** Returns the C# translation with a directive for each namespace. */
  public csharp(translation: string): string {
    const body = prepared(translation, 'null')
      .replace(/\bprocess\.Env\[("\w+")\]/g, 'System.Environment.GetEnvironmentVariable($1)')
      .replace(/^using .*\n/gm, '')
      .trim();
    const namespaces = namesIn(body, TYPE_NAME).flatMap((name) => {
      const found = this.find(name);
      const alias = this.aliases.has(name) && found ? `${name} = ${found.csharp}.${found.type.name}` : found?.csharp;
      return name === 'Dictionary' ? ['System.Collections.Generic'] : alias === undefined ? [] : [alias];
    });
    return `${[...new Set(namespaces)]
      .toSorted()
      .map((name) => `using ${name};\n`)
      .join('')}\n${body}\n`;
  }

  /** Returns the Go translation with packages, exported names, pointers and all arguments. */
  public go(translation: string): string {
    const packages = new Set<string>();
    const qualified = (name: string): string | undefined => {
      const found = this.find(name);
      if (found) {
        packages.add(found.go);
        return `${packageOf(found)}.${goName(found.type)}`;
      }
      return undefined;
    };
    const variables = new Set(Array.from(translation.matchAll(/\b(\w+) := /g), ([, name]) => name!));
    const body = outsideText(
      prepared(translation, 'nil')
        .replace(/\bprocess\.env\[jsii\.String\(("\w+")\)\]/g, 'jsii.String(os.Getenv($1))')
        .replace(/^import .*\n/gm, '')
        .trim(),
      (part) =>
        part
          .replace(/(?<=[\w)][_.])\*/g, '')
          .replace(/\bf64\b/g, 'float64')
          .replace(/map\[string\](?=\[\]|map\[)/g, 'map[string]*')
          .replace(/(?<!\[\]|\]|\w)\*(?=\w+\.[A-Z]\w*_)/g, '')
          .replace(/(?<=: )\*?([A-Z]\w*)(?=,?\n|\)|$)/g, (match, name: string) =>
            variables.has(lowered(name)) ? lowered(name) : match,
          )
          .replace(/\*([A-Z]\w*)(?=\))/g, (match, name: string) =>
            variables.has(lowered(name)) ? lowered(name) : match,
          )
          .replace(
            /\b[a-z]\w*\.(New)?([A-Z][A-Za-z0-9]*)(_\w+)?(?![\w(.])/g,
            (match, created: string | undefined, name: string, member: string | undefined) =>
              created === undefined && member !== undefined ? (this.constant(qualified, name, member) ?? match) : match,
          )
          .replace(
            /\b[a-z]\w*\.(New)?([A-Z][A-Za-z0-9]*)(_\w+)?(?=\()/g,
            (match, created: string | undefined, name: string, member: string | undefined) => {
              if (created === undefined && member === undefined) {
                return match;
              }
              const full = qualified(name);
              return full ? `${full.replace(/\.(?=\w+$)/, created ? '.New' : '.')}${member ?? ''}` : match;
            },
          )
          .replace(/&([A-Z]\w*)\{/g, (_, name: string) => `&${qualified(name) ?? name}{`)
          .replace(/\[\]([A-Z]\w*)\{/g, (_, name: string) => `[]${qualified(name) ?? name}{`)
          .replace(/(?<=[:(] |:= )(?=(?:\[\]|map\[string\])[\w.*{}[\]]+\{)/g, '&')
          .replace(/(?<=[a-z)]\w*)\.([a-z]\w*)(?=\()/g, (_, name: string) => `.${capitalized(name)}`)
          .replace(/(?<=\b[a-z]\w*)\.([A-Za-z]\w*)\b(?![\w(.{])/g, (match, name: string, at: number, text: string) => {
            const [owner = ''] = /\w+$/.exec(text.slice(0, at)) ?? [];
            return variables.has(owner) ? `.${capitalized(name)}()` : match;
          })
          .replace(/(?<=\b[a-z]\w*)\.([A-Z]\w*)\.(?=[A-Z])/g, (match, name: string, at: number, text: string) => {
            const [owner = ''] = /\w+$/.exec(text.slice(0, at)) ?? [];
            return variables.has(owner) ? `.${name}().` : match;
          }),
    );
    const complete = this.withAllArguments(body).replace(
      /(:= )?\bstring\((app\.Node\(\)\.\w+\(jsii\.String\("[^"]*"\)\))\)/g,
      (_, variable: string | undefined, value: string) =>
        variable === undefined ? `jsii.String(${value}.(string))` : `${variable}${value}.(string)`,
    );
    if (/\bjsii\./.test(complete)) {
      packages.add('github.com/aws/jsii-runtime-go');
    }
    for (const name of ['fmt', 'os'].filter((each) => new RegExp(`\\b${each}\\.`).test(complete.replace(OPAQUE, '')))) {
      packages.add(name);
    }
    const imports = [...packages]
      .toSorted()
      .map((path) => `\t"${path}"\n`)
      .join('');
    return `import (\n${imports})\n\n${complete}\n`;
  }

  private find(name: string): NamedType | undefined {
    const alias = this.aliases.get(name);
    return alias ? this.types.find(alias.name, [alias.module]) : this.types.find(name, this.imported);
  }

  /** Returns the member of an enum, or a call that returns a static property. */
  private constant(qualified: (name: string) => string | undefined, name: string, member: string): string | undefined {
    const full = qualified(name);
    const call = this.find(name)?.type.kind === TypeKind.Enum ? '' : '()';
    return full === undefined ? undefined : `${full}${member}${call}`;
  }

  /** Adds `nil` for optional arguments. Go has no optional parameters. */
  private withAllArguments(code: string): string {
    let result = code;
    // Changes the last call first. Otherwise, a change would move the positions of the following calls.
    for (const call of [...code.matchAll(/(?:\b(\w+)\.(New)?([A-Z]\w*?)(?:_(\w+))?|\.([A-Z]\w*))\(/g)].toReversed()) {
      const [text, , created, name = '', member, method] = call;
      const parameters = this.parameterCount(name, { created: created !== undefined, member, method });
      const open = call.index + text.length;
      const close = closingParenthesis(result, open);
      const given = argumentCount(result.slice(open, close));
      if (parameters !== undefined && given < parameters) {
        const missing = Array.from({ length: parameters - given }, () => 'nil').join(', ');
        result = `${result.slice(0, close)}${given > 0 ? ', ' : ''}${missing}${result.slice(close)}`;
      }
    }
    return result;
  }

  private parameterCount(
    name: string,
    { created, member, method }: { created: boolean; member: string | undefined; method: string | undefined },
  ): number | undefined {
    const type = this.find(name)?.type;
    if (type?.kind === TypeKind.Class && (created || member !== undefined)) {
      const callable = created
        ? type.initializer
        : type.methods?.find((each: Method) => each.static && capitalized(each.name) === member);
      return callable?.variadic ? undefined : (callable?.parameters as readonly Parameter[] | undefined)?.length;
    }
    const counts = this.types.parameterCounts(lowered(method ?? name), this.imported);
    return counts.length === 1 ? counts[0] : undefined;
  }
}

function packageOf({ go }: NamedType): string {
  return go.split('/').findLast((part) => !/^v\d+$/.test(part))!;
}

/** Returns the type in which a type of an L1 construct is nested, or an empty string. */
function nestedIn({ namespace = '' }: Type): string {
  return /(?:^|\.)(Cfn\w+)$/.exec(namespace)?.[1] ?? '';
}

function goName(type: Type): string {
  const parent = nestedIn(type);
  return parent === '' ? type.name : `${parent}_${type.name}`;
}

function closingParenthesis(code: string, open: number): number {
  const masked = code.replace(OPAQUE, (text) => ' '.repeat(text.length));
  let depth = 1;
  let at = open;
  for (; depth > 0 && at < masked.length; at++) {
    depth += '([{'.includes(masked[at]!) ? 1 : ')]}'.includes(masked[at]!) ? -1 : 0;
  }
  return at - 1;
}

function argumentCount(text: string): number {
  const masked = text.replace(OPAQUE, (part) => (part.startsWith('"') ? 's'.repeat(part.length) : ''));
  if (masked.trim() === '') {
    return 0;
  }
  let depth = 0;
  let count = 1;
  for (const character of masked) {
    depth += '([{'.includes(character) ? 1 : ')]}'.includes(character) ? -1 : 0;
    count += character === ',' && depth === 0 ? 1 : 0;
  }
  return count;
}

function capitalized(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function lowered(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
