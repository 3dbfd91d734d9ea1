#!/usr/bin/env node
import { Command } from 'commander';
import { render, type RenderOptions } from './command-line/render';
import { sign, type SignCommandOptions } from './command-line/sign';
import { VERSION } from './version';

const program = new Command('cdk-thumbnails')
  .description('thumbnails of image files, made as a deployed pipeline makes them')
  .version(VERSION)
  .showHelpAfterError();

program
  .command('render')
  .description('make the thumbnails of files, and of all files below folders')
  .argument('<path...>', 'files and folders')
  .requiredOption('--out <dir>', 'folder for the thumbnails, laid out as in a thumbnail bucket')
  .option('--settings <file>', 'JSON file with thumbnails, limits, allowSvg, cacheControl')
  .option('--json', 'one JSON record per file: file, status, code, width, height, format, ms, thumbnails[]')
  .option('--force', 'make thumbnails anew that are there already')
  .action(async (paths: string[], options: RenderOptions) => {
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
  .action(async (url: string, options: SignCommandOptions) => {
    process.stdout.write(`${await sign(url, options, process.env)}\n`);
  });

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`cdk-thumbnails: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
