import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BillSubject, billOfMaterials } from './bill-of-materials';
import type { Component } from './components';
import { thirdPartyLicenses } from './licenses';

/** File with the licences of third-party software. */
export const LICENSES_FILE = 'THIRD-PARTY-LICENSES.txt';
/** File with the bill of materials, named as CycloneDX recommends. */
export const BILL_FILE = 'bom.cdx.json';

/**
 * Writes the licences and the bill of materials of the components in a folder.
 *
 * @throws Error if a licence does not allow distribution
 */
export function writeNotices(root: string, folder: string, components: readonly Component[]): void {
  const subject = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as BillSubject;
  writeFileSync(join(folder, LICENSES_FILE), thirdPartyLicenses(components, join(root, 'licenses')));
  writeFileSync(join(folder, BILL_FILE), billOfMaterials(subject, components));
}
