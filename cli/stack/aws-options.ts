import type { Command } from 'commander';

/** Options of every command that reads a deployed stack. */
export interface AwsOptions {
  /** Profile of ~/.aws/config. @default - AWS_PROFILE */
  readonly profile?: string;
  /** Region of the stack. @default - AWS_REGION, or the Region of the profile */
  readonly region?: string;
}

/** Adds `--profile` and `--region` to a command. */
export function withAwsOptions(command: Command): Command {
  return command
    .option('--profile <name>', 'profile of ~/.aws/config (default: AWS_PROFILE)')
    .option('--region <name>', 'AWS Region (default: AWS_REGION, or the Region of the profile)');
}

/** Sets the environment variables for profile and Region, which every client of the AWS SDK reads. */
export function applyAwsOptions({ profile, region }: AwsOptions, environment: NodeJS.ProcessEnv): void {
  if (profile !== undefined) {
    environment['AWS_PROFILE'] = profile;
  }
  if (region !== undefined) {
    environment['AWS_REGION'] = region;
  }
}
