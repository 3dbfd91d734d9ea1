// The texts of the licences of what the package carries, in one file.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Component } from './components';

/** Licences that ask for no more than their text, and a word on who holds the rights. */
const FREE = new Set([
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'FTL',
  'HPND-sell-variant',
  'IJG',
  'ISC',
  'LicenseRef-AOMPL-1.0',
  'MIT',
  'MIT-0',
  'Zlib',
  'libpng-2.0',
  'libtiff',
]);
/** Licences of files that must stay files of their own, so that anyone can put their own build in their place. */
const REPLACEABLE = new Set(['LGPL-3.0-or-later', 'MPL-1.1']);

const ALLIANCE_PATENTS = 'Alliance for Open Media Patent License 1.0: https://aomedia.org/license/patent-license/\n';

/**
 * Refuses what may not be shipped like this.
 *
 * @throws Error that names every component whose licence is not known to allow it
 */
export function checkLicenses(components: readonly Component[]): void {
  const problems = components.flatMap(({ name, license, isReplaceable }) =>
    idsOf(license).flatMap((id) => {
      if (FREE.has(id) || (REPLACEABLE.has(id) && isReplaceable)) {
        return [];
      }
      if (REPLACEABLE.has(id)) {
        return [`${name} is ${id}: keep it out of the bundles, as a file that can be replaced`];
      }
      return [
        `${name} is ${id}, which is not known to allow this: read it, and add it to scripts/licenses.ts or do without`,
      ];
    }),
  );
  if (problems.length > 0) {
    throw new Error(problems.join('\n'));
  }
}

/**
 * Every component with its licence, and every text once.
 *
 * @param folder that holds a text for each licence whose users bring none
 * @throws Error where a licence is not allowed, or a text is lacking
 */
export function thirdPartyLicenses(components: readonly Component[], folder: string): string {
  checkLicenses(components);
  const users = new Map<string, string[]>();
  for (const component of components) {
    for (const text of textsOf(component, folder)) {
      users.set(text, [...(users.get(text) ?? []), titleOf(component)]);
    }
  }
  const list = components.map((component) => `${titleOf(component)}: ${component.license}\n  ${component.source}`);
  const texts = [...users].map(
    ([text, titles]) => `${'='.repeat(80)}\n${titles.join('\n')}\n${'-'.repeat(80)}\n${text}`,
  );
  return `${INTRODUCTION}\n${list.join('\n')}\n\n${texts.join('\n')}`;
}

const INTRODUCTION = `Software of others that comes with cdk-thumbnails, and its licences.

What is under the LGPL or the MPL is here unchanged, as files of their own: a build of
your own can be put in their place. The source of libvips' binaries and of everything
inside them is https://github.com/lovell/sharp-libvips at the tag of the version below;
that of libheif-js is its repository below. Rights in each library inside the binaries
are held by its authors, whom its source names.
`;

function textsOf(component: Component, folder: string): string[] {
  if (component.texts.length > 0) {
    return component.texts.map(tidy);
  }
  const by = component.author === undefined ? '' : `Copyright ${component.author}\n\n`;
  return idsOf(component.license).map((id) => {
    if (id === 'LicenseRef-AOMPL-1.0') {
      return ALLIANCE_PATENTS;
    }
    try {
      return tidy(by + readFileSync(join(folder, `${id}.txt`), 'utf8'));
    } catch (error) {
      throw new Error(`${component.name} brings no text of ${id}, and there is none in ${folder}`, { cause: error });
    }
  });
}

function titleOf({ name, version, inside }: Component): string {
  return `${name}${version === undefined ? '' : ` ${version}`}${inside === undefined ? '' : ` (inside ${inside})`}`;
}

function idsOf(license: string): string[] {
  return license.split(/ (?:AND|OR) /);
}

/** Alike on every machine, whatever ends its lines. */
function tidy(text: string): string {
  return `${text.replaceAll('\r\n', '\n').trim()}\n`;
}
