import { parseArgs } from 'node:util';
import { VARIANTS, type Variant } from './template';

/** What stands behind `npm start --`. */
export interface StudioArguments {
  /** Folder that `cdk synth` wrote. */
  readonly assembly: string;
  readonly variant: Variant;
}

/**
 * Reads the words of the command: the folder of the synthesized app (default `cdk.out`) and `--variant` (default `lambda`).
 *
 * @throws Error with one clear line
 */
export function readArguments(words: readonly string[]): StudioArguments {
  const { values, positionals } = parseArgs({
    args: [...words],
    options: { variant: { type: 'string', default: 'lambda' } },
    allowPositionals: true,
  });
  const [assembly = 'cdk.out', ...others] = positionals;
  if (others.length > 0) {
    throw new Error(`got ${JSON.stringify(others[0])}, allowed: --variant ${VARIANTS.join(' or ')}`);
  }
  const variant = VARIANTS.find((known) => known === values.variant);
  if (variant === undefined) {
    throw new Error(`--variant: got ${JSON.stringify(values.variant)}, allowed: ${VARIANTS.join(', ')}`);
  }
  return { assembly, variant };
}
