import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BillSubject, billOfMaterials } from './bill-of-materials';
import type { Component } from './components';
import { thirdPartyLicenses } from './licenses';

/** Licences of what is of others. */
export const LICENSES_FILE = 'THIRD-PARTY-LICENSES.txt';
/** The bill of materials, by the name that CycloneDX gives such files. */
export const BILL_FILE = 'bom.cdx.json';

/**
 * Writes what a folder has of others into it: the licences, and the bill of materials.
 *
 * @throws Error where a licence does not allow it
 */
export function writeNotices(root: string, folder: string, components: readonly Component[]): void {
  const subject = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as BillSubject;
  writeFileSync(join(folder, LICENSES_FILE), thirdPartyLicenses(components, join(root, 'licenses')));
  writeFileSync(join(folder, BILL_FILE), billOfMaterials(subject, components));
}
