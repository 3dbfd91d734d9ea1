// Reads the names of types in other languages from the jsii assemblies of the library and the CDK.
import { join } from 'node:path';
import { loadAssemblyFromPath, type Assembly, type Type, TypeKind } from '@jsii/spec';

const root = join(__dirname, '../..');
/** Features of assemblies that this script supports. `loadAssemblyFromPath` rejects assemblies with other features. */
const FEATURES = ['intersection-types', 'class-covariant-overrides'];

/** Type with the names of its module in all languages. */
export interface NamedType {
  readonly type: Type;
  /** Module specifier in TypeScript, such as `aws-cdk-lib/aws-s3`. */
  readonly module: string;
  readonly java: string;
  readonly csharp: string;
  readonly python: string;
  /** Import path in Go, such as `github.com/aws/aws-cdk-go/awscdk/v2/awss3`. */
  readonly go: string;
}

/** Types of all assemblies. */
export class JsiiTypes {
  private readonly byName = new Map<string, NamedType[]>();
  /** Full names of the types in the signatures of the library. */
  private readonly inSignatures: ReadonlySet<string>;

  public constructor() {
    const signatures = JSON.stringify(loadAssemblyFromPath(root, false, FEATURES).types);
    this.inSignatures = new Set(Array.from(signatures.matchAll(/"fqn":"([^"]+)"/g), ([, name]) => name!));
    this.add(root, (name) => name);
    this.add(join(root, 'node_modules/constructs'), (name) => name);
    this.add(join(root, 'node_modules/aws-cdk-lib'), (name) => name.replace('.', '/').replaceAll('_', '-'));
  }

  /**
   * Returns the type with the given name. If several types have this name, the order of preference is: types of imported
   * modules, types of the library, types in the signatures of the library, other types.
   */
  public find(name: string, imported: readonly string[]): NamedType | undefined {
    const types = this.byName.get(name) ?? [];
    const inImported = types.filter(({ module }) => imported.includes(module));
    return (
      inImported.find(({ type }) => type.namespace === undefined || !type.namespace.includes('.Cfn')) ??
      inImported[0] ??
      types.find(({ module }) => module === 'cdk-thumbnails') ??
      types.find(({ type }) => this.inSignatures.has(type.fqn)) ??
      (types.length === 1 ? types[0] : undefined)
    );
  }

  /** Returns whether a Python module has a type with this name. */
  public hasPython(module: string, name: string): boolean {
    return (this.byName.get(name) ?? []).some(({ python }) => python === module);
  }

  /** Returns whether one of the C# namespaces has a type with this name. */
  public hasCsharp(namespaces: readonly string[], name: string): boolean {
    return (this.byName.get(name) ?? []).some(({ csharp }) => namespaces.includes(csharp));
  }

  /** Returns the numbers of parameters of all methods with the given name in the library and in the imported modules. */
  public parameterCounts(method: string, imported: readonly string[]): number[] {
    const modules = ['cdk-thumbnails', ...imported];
    const counts = new Set<number>();
    for (const { type, module } of [...this.byName.values()].flat()) {
      if (modules.includes(module) && type.kind !== TypeKind.Enum) {
        for (const each of type.methods ?? []) {
          if (each.name === method && !each.static && !each.variadic) {
            counts.add(each.parameters?.length ?? 0);
          }
        }
      }
    }
    return [...counts];
  }

  private add(folder: string, specifier: (submodule: string) => string): void {
    const assembly = loadAssemblyFromPath(folder, false, FEATURES);
    for (const type of Object.values(assembly.types ?? {})) {
      // Nested types, such as properties of L1 constructs, belong to the submodule of their parent.
      const [outer = ''] = (type.namespace ?? '').split('.Cfn');
      const submodule = outer === '' || outer.startsWith('Cfn') ? undefined : `${assembly.name}.${outer}`;
      const named = { type, module: submodule === undefined ? assembly.name : specifier(submodule) };
      const list = this.byName.get(type.name) ?? [];
      this.byName.set(type.name, [...list, { ...named, ...namesOf(assembly, submodule) }]);
    }
  }
}

interface Targets {
  readonly java?: { readonly package?: string };
  readonly dotnet?: { readonly namespace?: string };
  readonly python?: { readonly module?: string };
  readonly go?: { readonly moduleName?: string; readonly packageName?: string };
}

function namesOf(
  assembly: Assembly,
  submodule: string | undefined,
): Pick<NamedType, 'java' | 'csharp' | 'python' | 'go'> {
  const { java, dotnet, python, go } = assembly.targets as Targets;
  const own = (submodule === undefined ? undefined : assembly.submodules?.[submodule]?.targets) as Targets | undefined;
  const major = Number(assembly.version.split('.')[0]);
  const part = submodule?.slice(assembly.name.length + 1).replace(/[^a-z0-9]/gi, '');
  return {
    java: own?.java?.package ?? java?.package ?? '',
    csharp: own?.dotnet?.namespace ?? dotnet?.namespace ?? '',
    python: own?.python?.module ?? python?.module ?? '',
    go: [
      go?.moduleName,
      go?.packageName ?? assembly.name.replace(/[^a-z0-9]/gi, ''),
      ...(major > 1 ? [`v${major}`] : []),
      ...(part === undefined ? [] : [part]),
    ].join('/'),
  };
}
