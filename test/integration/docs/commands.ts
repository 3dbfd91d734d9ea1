import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as s3 from '@aws-sdk/client-s3';
import * as secrets from '@aws-sdk/client-secrets-manager';
import * as sqs from '@aws-sdk/client-sqs';
import { root } from './blocks';

/** Words of a simple command, without leading variable assignments. */
type Words = readonly string[];
/** Returns the errors of a command's arguments. */
type Check = (words: Words) => string[];

/** Shell built-ins and standard programs. The tests do not check the arguments of these programs. */
const COMMON =
  'awk cat cd command cp cut do done echo else exit export fi for grep head if jq ls mkdir mv open read rm sed set sort tail test then time tr unset while wc upload /usr/bin/time';
/** Third-party programs whose arguments the tests do not check. */
const FOREIGN = ['brew', 'buildah', 'curl', 'docker', 'git', 'kubectl', 'node', 'openssl', 'podman'];

/** Commands of the CDK's command line that the pages use. */
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
  '--outputs-file',
  '--profile',
  '--quiet',
  '--require-approval',
];

/** Commands of the AWS CLI, by service. Contains only services whose SDK is not installed. */
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
  stepfunctions: ['start-execution'],
  sts: ['get-caller-identity'],
};
/** Installed SDKs, which contain the operations and parameters of their services. */
const SDKS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  s3api: { ...s3 },
  secretsmanager: { ...secrets },
  sqs: { ...sqs },
};
/** Global options of the AWS CLI. */
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
    return [`${prefixed}/package.json does not exist`];
  }
  const [command = '', name = ''] = words;
  if (['ci', 'i', 'install', 'pack'].includes(command)) {
    return [];
  }
  const script = command === 'run' ? name : command;
  return scriptsOf(prefixed!).includes(script) ? [] : [`${prefixed}/package.json has no script ${script}`];
};

const cdk: Check = ([command = '', ...rest]) => [
  ...(CDK_COMMANDS.includes(command) ? [] : [`unknown command: cdk ${command}`]),
  ...rest
    .filter((word) => word.startsWith('-') && !CDK_OPTIONS.includes(word.split('=')[0]!))
    .map((word) => `unknown option: cdk ${word}`),
];

/** Checks commands and options of this project's command line against its commander definitions. */
const own: Check = ([command = '', ...rest]) => {
  const files = ['cli/cdk-thumbnails.ts', 'cli/studio/start-command.ts'];
  const source = files.map((file) => readFileSync(join(root, file), 'utf8')).join('\n');
  const section = source.split(/\.command\('|new Command\('/).find((part) => part.startsWith(`${command}'`));
  if (section === undefined) {
    return [`unknown command: cdk-thumbnails ${command}`];
  }
  const options = new Set([...section.matchAll(/[oO]ption\(\s*'(--[a-z-]+)/g)].map(([, option]) => option!));
  return rest
    .filter((word) => word.startsWith('-') && !options.has(word.split('=')[0]!))
    .map((word) => `unknown option: cdk-thumbnails ${command} ${word}`);
};

const existing =
  (tool: string): Check =>
  (words) => [
    ...(existsSync(join(root, 'node_modules/.bin', tool)) ? [] : [`not installed: ${tool}`]),
    ...words
      .filter(
        (word) =>
          /^[\w./-]+\/[\w./-]+$/.test(word) &&
          /^(?:bench|docs|lambda|lib|runtime|container|cli|scripts|test|examples)\//.test(word),
      )
      .filter((path) => !existsSync(join(root, path)))
      .map((path) => `does not exist: ${path}`),
  ];

const npx: Check = ([tool = '', ...rest]) => {
  if (/^(?:aws-)?cdk(?:@2)?$/.test(tool)) {
    return cdk(rest);
  }
  return tool === 'cdk-thumbnails' ? own(rest) : existing(tool)(rest);
};

/** Converts a name of the AWS CLI, such as `start-message-move-task`, to a name of the SDK, such as `StartMessageMoveTask`. */
const pascal = (word: string): string => word.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());

const aws: Check = ([service = '', operation = '', ...rest]) => {
  const sdk = SDKS[service];
  if (!sdk) {
    return AWS_COMMANDS[service]?.includes(operation)
      ? []
      : [`unknown operation: aws ${service} ${operation}; add it to AWS_COMMANDS if the AWS CLI supports it`];
  }
  const name = pascal(operation);
  if (!(`${name}Command` in sdk)) {
    return [`unknown operation: aws ${service} ${operation}`];
  }
  const [, , , , members = []] = (sdk[`${name}Request$`] ?? []) as [0, string, string, number, string[]?];
  const known = new Set(members.map((member) => member.toLowerCase()));
  return rest
    .filter((word) => word.startsWith('--') && !AWS_OPTIONS.includes(word))
    .filter((word) => !known.has(pascal(word.slice(2)).toLowerCase()))
    .map((word) => `unknown option: aws ${service} ${operation} ${word}`);
};

const CHECKS: Readonly<Record<string, Check>> = {
  ...Object.fromEntries([...COMMON.split(' '), ...FOREIGN].map((name) => [name, () => []])),
  npm,
  npx,
  aws,
};

/** Returns syntax errors, and unknown programs, scripts, options and files in the commands of a block. */
export function commandProblems(code: string): string[] {
  const { status, stderr } = spawnSync('sh', ['-n'], { input: code, encoding: 'utf8' });
  if (status !== 0) {
    return [stderr.trim()];
  }
  return simpleCommands(code).flatMap((words) => {
    const [name = '', ...rest] = words;
    const check = CHECKS[name];
    return check ? check(rest) : [`unknown program: ${name}; add it to test/integration/docs/commands.ts`];
  });
}

/** Returns the simple commands of a script. A quoted text is one word. Command substitutions are not analysed. */
function simpleCommands(code: string): Words[] {
  const text = code
    .replace(/\\\n/g, ' ')
    .replace(/<<-?\s*'?(\w+)'?[^\n]*\n[\s\S]*?^\s*\1$/gm, '')
    .replace(/^\s*#.*$/gm, '')
    .replace(/\s#\s.*$/gm, '');
  const quoted = /"(?:\$\([^)]*\)|\\.|[^"\\])*"|'[^']*'|\$\([^)]*\)/g;
  const quotes: string[] = [];
  const plain = text.replace(/^\w+\(\) \{.*\}$/gm, '').replace(quoted, (part) => `«${quotes.push(part) - 1}»`);
  return plain
    .split(/&&|\|\||[|;&\n]/)
    .map((command) =>
      command
        .trim()
        .split(/\s+/)
        .map((word) =>
          word.replace(/«(\d+)»/g, (_, index: string) => quotes[Number(index)]!.replace(/^['"]|['"]$/g, '')),
        )
        .filter((word) => word !== '' && !/^\d?[<>]/.test(word)),
    )
    .map((words) =>
      words.slice(words.findIndex((word) => !/^\w+=/.test(word) && !['do', 'then', 'while'].includes(word))),
    )
    .filter((words) => words.length > 0 && !/^\w+=/.test(words[0]!));
}
