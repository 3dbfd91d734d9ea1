import { parseArgs } from 'node:util';
import { VARIANTS, type Variant } from './synthesized-settings';

/** Arguments of `npm start --`. */
export interface StudioArguments {
  /** Directory of the cloud assembly. */
  readonly assembly: string;
  readonly variant: Variant;
}

const USAGE = `Usage: npm start -- [--variant ${VARIANTS.join('|')}]

Synthesizes the app and runs its first thumbnail pipeline on this machine, with directories instead of buckets.

Options:
  --variant <name>  lambda: render in one process, like a function (default)
                    fargate: render in worker processes, like the container
  -h, --help        display help

Environment variables:
  HOST      address to listen on (default: 127.0.0.1)
  PORT      port to listen on, 0 for a free port (default: 3000)
  DATA_DIR  directory for images and thumbnails (default: .thumbnails)
`;

/**
 * Parses the arguments: the directory of the cloud assembly and `--variant`.
 *
 * @returns the arguments, or the help text if `--help` is among them
 * @throws Error if an argument is unknown or its value is invalid
 */
export function readStudioArguments(words: readonly string[]): StudioArguments | string {
  const { values, positionals } = parseArgs({
    args: [...words],
    options: {
      variant: { type: 'string', default: 'lambda' },
      help: { type: 'boolean', short: 'h', default: false },
    },
    allowPositionals: true,
  });
  if (values.help) {
    return USAGE;
  }
  const [assembly = 'cdk.out', ...others] = positionals;
  if (others.length > 0) {
    throw new Error(`got ${JSON.stringify(others[0])}; expected --variant ${VARIANTS.join(' or --variant ')}`);
  }
  const variant = VARIANTS.find((known) => known === values.variant);
  if (variant === undefined) {
    throw new Error(`--variant: got ${JSON.stringify(values.variant)}; expected ${VARIANTS.join(' or ')}`);
  }
  return { assembly, variant };
}
