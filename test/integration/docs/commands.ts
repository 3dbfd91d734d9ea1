import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as s3 from '@aws-sdk/client-s3';
import * as secrets from '@aws-sdk/client-secrets-manager';
import * as sqs from '@aws-sdk/client-sqs';
import { root } from './blocks';

/** A simple command: its words, without the variables before it. */
type Words = readonly string[];
/** What is wrong with a command. */
type Check = (words: Words) => string[];

/** What a shell does itself, and what every system has; their options are those of POSIX. */
const COMMON =
  'awk cat cd command cp cut do done echo else exit export fi for grep head if jq ls mkdir mv open read rm sed set sort tail test then time tr unset while wc upload /usr/bin/time';
/** Tools of others whose commands are read by people and by other tests. */
const FOREIGN = ['brew', 'buildah', 'curl', 'docker', 'git', 'kubectl', 'node', 'podman'];

/** The command line of the CDK, as far as pages use it. */
const CDK_COMMANDS = ['bootstrap', 'deploy', 'destroy', 'diff', 'init', 'list', 'ls', 'notices', 'synth'];
const CDK_OPTIONS = [
  '-a',
  '--all',
  '--app',
  '-c',
  '--context',
  '--force',
  '--language',
  '--method',
  '--output',
  '--profile',
  '--quiet',
  '--require-approval',
];

/** Operations of services whose SDK is not at hand, looked up in the AWS CLI's reference. */
const AWS_COMMANDS: Readonly<Record<string, readonly string[]>> = {
  cloudformation: ['describe-stacks', 'describe-stack-events', 'describe-stack-resources', 'continue-update-rollback'],
  cloudwatch: ['describe-alarms', 'get-metric-statistics', 'get-metric-data'],
  ecs: ['describe-services', 'describe-tasks', 'execute-command', 'list-tasks', 'update-service'],
  lambda: [
    'get-event-source-mapping',
    'get-function-configuration',
    'list-event-source-mappings',
    'put-function-concurrency',
    'update-event-source-mapping',
  ],
  logs: ['filter-log-events', 'get-query-results', 'start-query', 'tail'],
  s3: ['cp', 'ls', 'mv', 'rm', 'sync'],
  sts: ['get-caller-identity'],
};
/** Services whose SDK is at hand: their operations and parameters are looked up there. */
const SDKS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  s3api: { ...s3 },
  secretsmanager: { ...secrets },
  sqs: { ...sqs },
};
/** Options that every command of the AWS CLI has. */
const AWS_OPTIONS = ['--output', '--profile', '--query', '--region', '--no-cli-pager'];

function scriptsOf(folder: string): string[] {
  const { scripts = {} } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as {
    readonly scripts?: Readonly<Record<string, string>>;
  };
  return Object.keys(scripts);
}

const npm: Check = ([first, ...rest]) => {
  const words = first === '--prefix' ? rest.slice(1) : [first!, ...rest];
  const prefixed =
    first === '--prefix' ? rest[0] : rest.includes('--prefix') ? rest[rest.indexOf('--prefix') + 1] : '.';
  if (!existsSync(join(root, prefixed!, 'package.json'))) {
    return [`${prefixed} has no package.json`];
  }
  const [command = '', name = ''] = words;
  if (['ci', 'i', 'install', 'pack'].includes(command)) {
    return [];
  }
  const script = command === 'run' ? name : command;
  return scriptsOf(prefixed!).includes(script) ? [] : [`package.json of ${prefixed} has no script ${script}`];
};

const cdk: Check = ([command = '', ...rest]) => [
  ...(CDK_COMMANDS.includes(command) ? [] : [`cdk has no command ${command}`]),
  ...rest
    .filter((word) => word.startsWith('-') && !CDK_OPTIONS.includes(word.split('=')[0]!))
    .map((word) => `cdk has no ${word}`),
];

/** Commands and options stand in the source as commander takes them. */
const own: Check = ([command = '', ...rest]) => {
  const source = readFileSync(join(root, 'cli/main.ts'), 'utf8');
  const section = source.split(/\.command\('/).find((part) => part.startsWith(`${command}'`));
  if (section === undefined) {
    return [`cdk-thumbnails has no command ${command}`];
  }
  const options = new Set([...section.matchAll(/[oO]ption\(\s*'(--[a-z-]+)/g)].map(([, option]) => option!));
  return rest
    .filter((word) => word.startsWith('-') && !options.has(word.split('=')[0]!))
    .map((word) => `${command} has no ${word}`);
};

const existing =
  (tool: string): Check =>
  (words) => [
    ...(existsSync(join(root, 'node_modules/.bin', tool)) ? [] : [`${tool} is none of this repository's tools`]),
    ...words
      .filter(
        (word) => /^[\w./-]+\/[\w./-]+$/.test(word) && /^(?:bench|docs|lambda|lib|scripts|test|examples)\//.test(word),
      )
      .filter((path) => !existsSync(join(root, path)))
      .map((path) => `there is no ${path}`),
  ];

const npx: Check = ([tool = '', ...rest]) => {
  if (/^(?:aws-)?cdk(?:@2)?$/.test(tool)) {
    return cdk(rest);
  }
  return tool === 'cdk-thumbnails' ? own(rest) : existing(tool)(rest);
};

/** `start-message-move-task` → `StartMessageMoveTask` */
const pascal = (word: string): string => word.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());

const aws: Check = ([service = '', operation = '', ...rest]) => {
  const sdk = SDKS[service];
  if (!sdk) {
    return AWS_COMMANDS[service]?.includes(operation)
      ? []
      : [`aws ${service} ${operation} is not known to test/integration/docs/commands.ts: look it up and add it`];
  }
  const name = pascal(operation);
  if (!(`${name}Command` in sdk)) {
    return [`aws ${service} has no ${operation}`];
  }
  const [, , , , members = []] = (sdk[`${name}Request$`] ?? []) as [0, string, string, number, string[]?];
  const known = new Set(members.map((member) => member.toLowerCase()));
  return rest
    .filter((word) => word.startsWith('--') && !AWS_OPTIONS.includes(word))
    .filter((word) => !known.has(pascal(word.slice(2)).toLowerCase()))
    .map((word) => `aws ${service} ${operation} has no ${word}`);
};

const CHECKS: Readonly<Record<string, Check>> = {
  ...Object.fromEntries([...COMMON.split(' '), ...FOREIGN].map((name) => [name, () => []])),
  npm,
  npx,
  aws,
};

/** What is wrong with the commands of a block: words that a shell cannot read, tools, scripts, options and files that there are not. */
export function commandProblems(code: string): string[] {
  const { status, stderr } = spawnSync('sh', ['-n'], { input: code, encoding: 'utf8' });
  if (status !== 0) {
    return [stderr.trim()];
  }
  return simpleCommands(code).flatMap((words) => {
    const [name = '', ...rest] = words;
    const check = CHECKS[name];
    return check ? check(rest) : [`${name} is not known to test/integration/docs/commands.ts`];
  });
}

/** The simple commands of a script; what stands in quotes is one word, and what is substituted is not looked into. */
function simpleCommands(code: string): Words[] {
  const text = code
    .replace(/\\\n/g, ' ')
    .replace(/<<-?\s*'?(\w+)'?[^\n]*\n[\s\S]*?^\s*\1$/gm, '')
    .replace(/^\s*#.*$/gm, '')
    .replace(/\s#\s.*$/gm, '');
  const quoted = /"(?:\$\([^)]*\)|\\.|[^"\\])*"|'[^']*'|\$\([^)]*\)/g;
  const held: string[] = [];
  const plain = text.replace(/^\w+\(\) \{.*\}$/gm, '').replace(quoted, (part) => `«${held.push(part) - 1}»`);
  return plain
    .split(/&&|\|\||[|;&\n]/)
    .map((command) =>
      command
        .trim()
        .split(/\s+/)
        .map((word) => word.replace(/«(\d+)»/g, (_, index: string) => held[Number(index)]!.replace(/^['"]|['"]$/g, '')))
        .filter((word) => word !== '' && !/^\d?[<>]/.test(word)),
    )
    .map((words) =>
      words.slice(words.findIndex((word) => !/^\w+=/.test(word) && !['do', 'then', 'while'].includes(word))),
    )
    .filter((words) => words.length > 0 && !/^\w+=/.test(words[0]!));
}
