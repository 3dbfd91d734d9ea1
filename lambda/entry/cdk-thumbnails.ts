#!/usr/bin/env node
import { Command } from 'commander';
import { render, type RenderOptions } from './command-line/render';
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

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`cdk-thumbnails: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
