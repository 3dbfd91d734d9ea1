import { Command, Option } from 'commander';
import { withAwsOptions, type AwsOptions } from '../stack/aws-options';
import type { SettingsSource } from './studio-settings';
import { VARIANTS, type Variant } from './variants';

/** Options of the command `start`, as given on the command line. */
export interface StartOptions extends AwsOptions, Omit<SettingsSource, 'path'> {
  readonly variant: Variant;
  /** Port to listen on. @default - the environment variable PORT, or 3000 */
  readonly port?: string;
  /** Path of the data directory. @default - the environment variable DATA_DIR, or `.thumbnails` */
  readonly data?: string;
  /** Open the page in the default browser. */
  readonly open?: boolean;
}

/** Creates the command `start`, without its action. */
export function createStartCommand(): Command {
  return withAwsOptions(new Command('start'))
    .description(
      'run a pipeline on this machine, with directories instead of buckets, and open the studio in a browser',
    )
    .argument('[path]', 'cloud assembly or template (default: cdk.out)')
    .option(
      '--settings <file>',
      'read the settings from a JSON file, in the format of the command render, and not from [path]',
    )
    .option(
      '--stack <name>',
      'read the settings from a deployed stack and not from [path]; changes nothing in the AWS account',
    )
    .option('--pipeline <name>', 'service name of the pipeline, if the stack contains several')
    .addOption(
      new Option('--variant <name>', 'lambda renders in one process, fargate in worker processes')
        .choices(VARIANTS)
        .default('lambda'),
    )
    .option('--port <number>', 'port to listen on, 0 for a free port (default: PORT, or 3000)')
    .option('--data <dir>', 'directory of the images and thumbnails (default: DATA_DIR, or .thumbnails)')
    .option('--open', 'open the page in the default browser')
    .addHelpText(
      'after',
      `
Environment variables:
  HOST      address to listen on (default: 127.0.0.1); other addresses serve the HTTP API without the page
  PORT      port to listen on
  DATA_DIR  directory of the images and thumbnails`,
    );
}
