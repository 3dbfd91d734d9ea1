#!/usr/bin/env node
import { Command } from 'commander';
import { VERSION } from '../runtime/program/version';
import type * as backfillCommand from './backfill/backfill-command';
import type * as backfillStoreCommand from './backfill/backfill-store';
import type * as doctorCommand from './doctor/doctor-command';
import type * as eraseCommand from './erase/erase-command';
import type * as estimateCommand from './estimate/estimate-command';
import type * as inspectCommand from './inspect/inspect-command';
import { findNativePackages } from './native-packages';
import type * as redriveQueue from './redrive/redrive-queue';
import type * as renderFiles from './render/render-files';
import type * as signLink from './sign-link';
import { applyAwsOptions, withAwsOptions, type AwsOptions } from './stack/aws-options';
import type * as runStudio from './studio/run-studio';
import { createStartCommand, type StartOptions } from './studio/start-command';
import { terminalAsk, writeError } from './terminal';
import type * as verifyCommand from './verify/verify-command';

/**
 * Loads the module of a command on demand. Uses `require()`, because the path of an `import()` requires a file
 * extension, and only the bundler resolves such a path to a TypeScript source.
 */
declare function require(path: './render/render-files'): typeof renderFiles;
declare function require(path: './sign-link'): typeof signLink;
declare function require(path: './redrive/redrive-queue'): typeof redriveQueue;
declare function require(path: './inspect/inspect-command'): typeof inspectCommand;
declare function require(path: './doctor/doctor-command'): typeof doctorCommand;
declare function require(path: './erase/erase-command'): typeof eraseCommand;
declare function require(path: './estimate/estimate-command'): typeof estimateCommand;
declare function require(path: './backfill/backfill-command'): typeof backfillCommand;
declare function require(path: './backfill/backfill-store'): typeof backfillStoreCommand;
declare function require(path: './studio/run-studio'): typeof runStudio;
declare function require(path: './verify/verify-command'): typeof verifyCommand;

/** Returns an abort controller that aborts at the first SIGINT. A second SIGINT terminates the process immediately. */
function interruption(): AbortController {
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());
  return controller;
}

const program = new Command('cdk-thumbnails')
  .description(
    'Runs a pipeline locally with a studio, renders thumbnails, signs links, estimates costs, and inspects and repairs deployed pipelines',
  )
  .version(VERSION)
  .showHelpAfterError()
  // Finds the native packages before an action runs, because the action loads a module that requires these packages.
  .hook('preAction', () => findNativePackages(module));

program
  .command('render')
  .description('render thumbnails of image files, exactly as a deployed pipeline does')
  .argument('<path...>', 'image files, and directories with image files')
  .requiredOption('--out <dir>', 'output directory with the layout of a thumbnail bucket')
  .option('--settings <file>', 'JSON file with thumbnails, limits, rules, allowSvg, detectJpegCorruption, cacheControl')
  .option('--json', 'print one JSON record per file: file, status, code, width, height, format, ms, thumbnails[]')
  .option('--force', 'render all files, including files whose thumbnails are current')
  .action(async (paths: string[], options: renderFiles.RenderOptions) => {
    const { renderFiles } = require('./render/render-files');
    process.exitCode = await renderFiles(paths, options, { out: process.stdout, err: process.stderr });
  });

program
  .command('sign')
  .description('sign a URL of an HTTP API that requires signed links')
  .argument('<url>', 'complete URL, for example https://img.example.com/images/cat.jpg')
  .option('--expires <time>', 'lifetime of the link, for example 90s, 15m, 1h or 7d', '1h')
  .option('--method <method>', 'method that the link permits: GET (includes HEAD), POST or DELETE', 'GET')
  .option('--secret <name>', 'name or ARN of the secret (default: SIGNING_SECRET, or the keys in SIGNING_KEYS)')
  .option('--key-id <id>', 'id of the signing key (default: the newest key)')
  .action(async (url: string, options: signLink.SignCommandOptions) => {
    const { signLink } = require('./sign-link');
    process.stdout.write(`${await signLink(url, options, process.env)}\n`);
  });

program
  .command('redrive')
  .description('move the messages of a dead-letter queue back to its source queue')
  .requiredOption('--queue <url-or-arn>', 'URL or ARN of the dead-letter queue or of its source queue')
  .option('--rate <number>', 'messages per second, 1 to 500 (default: SQS determines the rate)')
  .option('--json', 'print one JSON record per second: queue, status, moved, total, reason')
  .action(async (options: redriveQueue.RedriveOptions) => {
    const { redriveQueue } = require('./redrive/redrive-queue');
    process.exitCode = await redriveQueue(options, { out: process.stdout, err: process.stderr }, interruption());
  });

withAwsOptions(program.command('inspect'))
  .description('show the source, manifest, thumbnails and dead letters of one image')
  .argument('<key>', 'key of the source image')
  .option('--stack <name>', 'deployed stack (default: the pipeline in the environment variables of the container)')
  .option('--pipeline <name>', 'service name of the pipeline, if the stack contains several')
  .option('--json', 'print one JSON record')
  .action(async (key: string, options: inspectCommand.InspectOptions & AwsOptions) => {
    applyAwsOptions(options, process.env);
    const { inspect } = require('./inspect/inspect-command');
    process.exitCode = await inspect(key, options, process.env, { out: process.stdout, err: process.stderr });
  });

withAwsOptions(program.command('doctor'))
  .description('check a deployed pipeline, and print each problem with its fix')
  .requiredOption('--stack <name>', 'deployed stack')
  .option('--pipeline <name>', 'service name of the pipeline, if the stack contains several')
  .option('--json', 'print one JSON record: stack, pipeline, checks[], findings[]')
  .action(async (options: doctorCommand.DoctorOptions & AwsOptions) => {
    applyAwsOptions(options, process.env);
    const { doctor } = require('./doctor/doctor-command');
    process.exitCode = await doctor(options, { out: process.stdout, err: process.stderr });
  });

withAwsOptions(program.command('verify'))
  .description('upload test images to a deployed pipeline, check the results, delete the images and write a report')
  .option('--stack <name>', 'deployed stack (default: the pipeline in the environment variables of the container)')
  .option('--pipeline <name>', 'service name of the pipeline, if the stack contains several')
  .option('--api-url <url>', 'URL of the HTTP API (default: the URL of the API in the stack)')
  .option('--api-write-url <url>', 'URL for uploads and deletion (default: the URL of the API)')
  .option('--header <header...>', 'headers of requests to the API, for example "Authorization: Bearer TOKEN"')
  .option('--timeout <seconds>', 'maximum time in seconds to wait for each expected result', '300')
  .option('--report <path>', 'path of the report without an extension', 'cdk-thumbnails-verify')
  .option('--json', 'print one JSON record: stack, pipeline, passed, failed, skipped, checks[], deleted, remaining[]')
  .action(async (options: verifyCommand.VerifyOptions & AwsOptions) => {
    applyAwsOptions(options, process.env);
    const { verify } = require('./verify/verify-command');
    const terminal = { out: process.stdout, err: process.stderr };
    process.exitCode = await verify(options, process.env, terminal, interruption());
  });

withAwsOptions(program.command('backfill'))
  .description('create the thumbnails of existing images')
  .option(
    '--stack <name>',
    'deployed stack that contains a backfill (default: no stack; the command itself renders the images)',
  )
  .option('--pipeline <name>', 'service name of the pipeline, if the stack contains several')
  .option('--state-machine <arn>', 'state machine of the backfill, instead of --stack')
  .option('--settings <file>', 'JSON file with thumbnails and limits (overrides the variables of the container)')
  .option('--prefix <prefix>', 'process only keys with this prefix')
  .option('--suffix <suffix...>', 'process only keys with one of these suffixes')
  .option('--since <date>', 'process only images written at this date or later, for example 2026-11-01')
  .option('--resume', 'continue the last failed or stopped execution of the state machine')
  .option('--dry-run', 'count the images and estimate the cost, but start no backfill')
  .option('--json', 'print JSON records: status, done, failed, total, perSecond, secondsLeft, usd, execution, reason')
  .action(async (options: backfillCommand.BackfillOptions & backfillStoreCommand.BackfillStoreOptions & AwsOptions) => {
    applyAwsOptions(options, process.env);
    const terminal = { out: process.stdout, err: process.stderr };
    const { signal } = interruption();
    const isDeployed = options.stack !== undefined || options.stateMachine !== undefined;
    const misplaced = isDeployed ? options.settings && '--settings' : options.resume && '--resume';
    if (misplaced) {
      throw new Error(
        `${misplaced}: ${isDeployed ? 'cannot be combined with' : 'requires'} --stack or --state-machine`,
      );
    }
    if (isDeployed) {
      const { backfillStack } = require('./backfill/backfill-command');
      process.exitCode = await backfillStack(options, terminal, { signal, ask: terminalAsk() });
    } else {
      const { backfillStore } = require('./backfill/backfill-store');
      process.exitCode = await backfillStore(options, terminal, { environment: process.env, signal });
    }
  });

withAwsOptions(program.command('erase'))
  .description('delete all versions of the images, thumbnails and manifests with a key prefix')
  .requiredOption('--prefix <prefix>', 'prefix of the source keys, for example users/17/')
  .option('--stack <name>', 'deployed stack (default: the pipeline in the environment variables of the container)')
  .option('--pipeline <name>', 'service name of the pipeline, if the stack contains several')
  .option('--dry-run', 'count the objects without deleting them')
  .option('--yes', 'delete without confirmation')
  .option('--json', 'print one JSON record: prefix, sources, thumbnails, distributions, deleted, remaining[]')
  .action(async (options: eraseCommand.EraseOptions & AwsOptions) => {
    applyAwsOptions(options, process.env);
    const { erase } = require('./erase/erase-command');
    const terminal = { out: process.stdout, err: process.stderr };
    process.exitCode = await erase(options, process.env, terminal, terminalAsk());
  });

program
  .command('estimate')
  .description('estimate the monthly cost of a pipeline')
  .argument(
    '[path]',
    'cloud assembly or template (default: cdk.out; without cdk.out, a pipeline with default settings)',
  )
  .option('--images <number>', 'uploaded images a month', '100000')
  .option('--views <number>', 'views of thumbnails a month', '0')
  .option(
    '--compute <name>',
    'lambda, managed-instances, hybrid, fargate, fargate-spot, ecs, ecs-spot or eks (default: the compute type of the template, otherwise lambda)',
  )
  .option('--region <name>', 'AWS Region of the prices (default: the Region of the template, otherwise us-east-1)')
  .option('--batches <number>', 'number of batches a month in which the images arrive (default: images arrive evenly)')
  .option('--megapixels <number>', 'size of an original in megapixels (default: 10)')
  .option(
    '--cache-hit-ratio <share>',
    'fraction of the views that CloudFront serves from its cache, 0 to 1 (default: 0.9)',
  )
  .option(
    '--first-views <share>',
    'fraction of the views for which the API creates the thumbnails, 0 to 1 (default: 0)',
  )
  .option('--json', 'print one JSON record: workload, lines[], total, assumedPrices[]')
  .action((path: string | undefined, options: estimateCommand.EstimateCommandOptions) => {
    const { estimateCost } = require('./estimate/estimate-command');
    process.exitCode = estimateCost(path, options, { out: process.stdout, err: process.stderr });
  });

program.addCommand(
  createStartCommand()
    .copyInheritedSettings(program)
    .action(async (path: string | undefined, options: StartOptions) => {
      const { runStudio } = require('./studio/run-studio');
      await runStudio(path, options);
    }),
);

program.parseAsync().catch((error: unknown) => {
  writeError(error);
  process.exitCode = 1;
});
