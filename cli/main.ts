#!/usr/bin/env node
import { Command } from 'commander';
import { VERSION } from '../runtime/program/version';
import { findNativePackages } from './native-packages';
import type * as redriving from './redrive/redrive';
import type * as rendering from './render/render';
import type * as signing from './sign';

/** Loads a command when it is called: an `import()` would need a file extension that only the bundler understands. */
declare function require(path: './render/render'): typeof rendering;
declare function require(path: './sign'): typeof signing;
declare function require(path: './redrive/redrive'): typeof redriving;

const program = new Command('cdk-thumbnails')
  .description('thumbnails of image files, made as a deployed pipeline makes them')
  .version(VERSION)
  .showHelpAfterError()
  // Commands are loaded after it, because they load these packages.
  .hook('preAction', () => findNativePackages(module));

program
  .command('render')
  .description('make the thumbnails of files, and of all files below folders')
  .argument('<path...>', 'files and folders')
  .requiredOption('--out <dir>', 'folder for the thumbnails, laid out as in a thumbnail bucket')
  .option('--settings <file>', 'JSON file with thumbnails, limits, allowSvg, detectJpegCorruption, cacheControl')
  .option('--json', 'one JSON record per file: file, status, code, width, height, format, ms, thumbnails[]')
  .option('--force', 'make thumbnails anew that are there already')
  .action(async (paths: string[], options: rendering.RenderOptions) => {
    const { render } = require('./render/render');
    process.exitCode = await render(paths, options, { out: process.stdout, err: process.stderr });
  });

program
  .command('sign')
  .description('sign a URL of an API whose access is by signed links')
  .argument('<url>', 'whole URL, such as https://img.example.com/images/cat.jpg')
  .option('--expires <time>', 'how long the link is valid, such as 90s, 15m, 1h, 7d', '1h')
  .option('--method <method>', 'what the link is for: GET (and HEAD), POST or DELETE', 'GET')
  .option('--secret <name>', 'secret in Secrets Manager (default: SIGNING_SECRET, or the keys in SIGNING_KEYS)')
  .option('--key-id <id>', 'key to sign with (default: the newest)')
  .action(async (url: string, options: signing.SignCommandOptions) => {
    const { sign } = require('./sign');
    process.stdout.write(`${await sign(url, options, process.env)}\n`);
  });

program
  .command('redrive')
  .description('move the messages of a dead-letter queue back, so that their images are looked at again')
  .requiredOption('--queue <url-or-arn>', 'the dead-letter queue, or the queue of the pipeline before it')
  .option('--rate <number>', 'messages a second, 1 to 500 (default: as SQS sees fit)')
  .option('--json', 'one JSON record a second: queue, status, moved, total, reason')
  .action(async (options: redriving.RedriveOptions) => {
    const { redrive } = require('./redrive/redrive');
    const interruption = new AbortController();
    // The second one ends the process.
    process.once('SIGINT', () => interruption.abort());
    process.exitCode = await redrive(options, { out: process.stdout, err: process.stderr }, interruption);
  });

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`cdk-thumbnails: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
