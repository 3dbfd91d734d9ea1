// Collects the licence texts of third-party software in one file.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Component } from './components';

/** Licences that require only their text and a copyright notice. */
const PERMISSIVE = new Set([
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
/** Licences that require separate files, so that users can replace these files with their own builds. */
const REPLACEABLE = new Set(['LGPL-3.0-or-later', 'MPL-1.1']);

const ALLIANCE_PATENTS = 'Alliance for Open Media Patent License 1.0: https://aomedia.org/license/patent-license/\n';

/**
 * Checks that the licence of each component allows distribution as bundled code or as separate files.
 *
 * @throws Error if a licence is unknown or requires separate files; the message lists these components
 */
export function checkLicenses(components: readonly Component[]): void {
  const problems = components.flatMap(({ name, license, isReplaceable }) =>
    idsOf(license).flatMap((id) => {
      if (PERMISSIVE.has(id) || (REPLACEABLE.has(id) && isReplaceable)) {
        return [];
      }
      if (REPLACEABLE.has(id)) {
        return [`${name} is under ${id}: ship it as a separate file, not in a bundle`];
      }
      return [
        `${name} is under ${id}, an unknown licence: review it and add it to licenses.ts, or remove the component`,
      ];
    }),
  );
  if (problems.length > 0) {
    throw new Error(problems.join('\n'));
  }
}

/**
 * Returns a list of all components with their licences, and each licence text once.
 *
 * @param folder folder with texts for components that include none
 * @throws Error if a licence is not allowed or its text is missing
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

const INTRODUCTION = `Third-party software in cdk-thumbnails and its licences.

Software under the LGPL or the MPL is included unchanged, in separate files that you can
replace with your own build. https://github.com/lovell/sharp-libvips contains the source
of the libvips binaries and of the libraries inside them, under the tag of the version
below. The source of libheif-js is in its repository, which is listed below. The authors
named in each library's source hold its copyright.
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
      throw new Error(`${component.name} includes no text of ${id}: add ${id}.txt to ${folder}`, { cause: error });
    }
  });
}

function titleOf({ name, version, inside }: Component): string {
  return `${name}${version === undefined ? '' : ` ${version}`}${inside === undefined ? '' : ` (inside ${inside})`}`;
}

function idsOf(license: string): string[] {
  return license.split(/ (?:AND|OR) /);
}

/** Normalizes line endings. The result is therefore equal on every platform. */
function tidy(text: string): string {
  return `${text.replaceAll('\r\n', '\n').trim()}\n`;
}
