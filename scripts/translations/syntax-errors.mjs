// Reads `[{ language, name, code }]` from the standard input, and prints the syntax errors as a JSON list of texts. Languages
// are names of tree-sitter grammars. Jest cannot load tree-sitter, because tree-sitter imports
// modules dynamically. Therefore, tests run this script in a separate process.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import process from 'node:process';

const require = createRequire(import.meta.url);
const entry = require.resolve('@vscode/tree-sitter-wasm');
const { Parser, Language } = require(entry);
await Parser.init();

/** Parsers by language name. */
const parsers = new Map();

async function parserOf(language) {
  if (!parsers.has(language)) {
    const parser = new Parser();
    parser.setLanguage(await Language.load(readFileSync(join(dirname(entry), `tree-sitter-${language}.wasm`))));
    parsers.set(language, parser);
  }
  return parsers.get(language);
}

/** Returns the erroneous nodes of a tree. */
function errorsIn(node) {
  return [...(node.isError || node.isMissing ? [node] : []), ...node.children.flatMap(errorsIn)];
}

const errors = [];
for (const { language, name, code } of JSON.parse(readFileSync(0, 'utf8'))) {
  const { rootNode } = (await parserOf(language)).parse(code);
  for (const { text, startPosition } of errorsIn(rootNode)) {
    errors.push(`${name}, ${language}, line ${startPosition.row + 1}: ${text.slice(0, 80)}`);
  }
}
process.stdout.write(JSON.stringify(errors));
