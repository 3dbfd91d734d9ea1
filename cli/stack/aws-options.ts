import type { Command } from 'commander';

/** Options of every command that reads a deployed stack. */
export interface AwsOptions {
  /** Name of a profile in `~/.aws/config`. @default - the environment variable AWS_PROFILE */
  readonly profile?: string;
  /** Region of the stack. @default - the environment variable AWS_REGION, or the Region of the profile */
  readonly region?: string;
}

/** Adds `--profile` and `--region` to a command. */
export function withAwsOptions(command: Command): Command {
  return command
    .option('--profile <name>', 'profile of ~/.aws/config (default: AWS_PROFILE)')
    .option('--region <name>', 'AWS Region (default: AWS_REGION, or the Region of the profile)');
}

/** Sets the environment variables for the profile and the Region. All clients of the AWS SDK read these variables. */
export function applyAwsOptions({ profile, region }: AwsOptions, environment: NodeJS.ProcessEnv): void {
  if (profile !== undefined) {
    environment['AWS_PROFILE'] = profile;
  }
  if (region !== undefined) {
    environment['AWS_REGION'] = region;
  }
}
