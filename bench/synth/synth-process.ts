// Runs one synthesis in a separate process, as `cdk synth` does: node synth-process.js pipeline|by-hand STACKS LIB RUNTIME
import { App, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { byHand } from './by-hand';

/** Times of a synthesis in ms. The times exclude the import of aws-cdk-lib. */
export interface Synthesis {
  readonly cpu: number;
  readonly wall: number;
  /** CPU time in ms to import this library. */
  readonly imports: number;
  readonly resources: number;
}

/** The part of the compiled library that the benchmark uses. */
interface Library {
  readonly ThumbnailPipeline: new (scope: Construct, id: string, props: object) => Construct;
}

const [kind, stacks, library = '', runtime = ''] = process.argv.slice(2);

function cpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const importing = cpu();
const build: (stack: Stack) => void =
  kind === 'by-hand'
    ? (stack) => byHand(stack, runtime)
    : (
        (lib: Library) => (stack: Stack) =>
          void new lib.ThumbnailPipeline(stack, 'Thumbnails', {})
      )(module.require(library) as Library);
const imports = cpu() - importing;

const [before, begin] = [cpu(), performance.now()];
const app = new App({ analyticsReporting: false });
for (let index = 0; index < Number(stacks); index++) {
  build(new Stack(app, `Stack${index}`));
}
const assembly = app.synth();
const result = { cpu: cpu() - before, wall: performance.now() - begin, imports };
const { Resources } = assembly.stacks[0]!.template as { readonly Resources: object };
process.send!({ ...result, resources: Object.keys(Resources).length } satisfies Synthesis);
