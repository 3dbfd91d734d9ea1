// Writes a bill of materials in CycloneDX JSON. Equal components result in equal bytes.
import { Enums, Models, Serialize, Spec, SPDX } from '@cyclonedx/cyclonedx-library';
import { type Component, referenceOf, united } from './components';

/** Package that the bill of materials describes. */
export interface BillSubject {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly description: string;
}

/** Version of the CycloneDX specification. */
export const SPECIFICATION = Spec.Spec1dot6;

/** Returns the bill of materials. The document has no date or serial number, because it is part of hashed assets. */
export function billOfMaterials(subject: BillSubject, components: readonly Component[]): string {
  const root = new Models.Component(Enums.ComponentType.Library, subject.name, {
    version: subject.version,
    description: subject.description,
    licenses: new Models.LicenseRepository([licenseOf(subject.license)]),
    purl: `pkg:npm/${subject.name}@${subject.version}`,
    bomRef: `${subject.name}@${subject.version}`,
  });
  const bom = new Models.Bom({ metadata: new Models.Metadata({ component: root }) });
  // This function sorts the components, because the order of the serializer depends on the locale.
  const made = united(components).map((component) => ({ component, model: toModel(component) }));
  for (const { component, model } of made) {
    bom.components.add(model);
    const holder = made.find(({ component: { name, kind } }) => kind === 'npm' && name === component.inside);
    (holder?.model ?? root).dependencies.add(model.bomRef);
  }
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(SPECIFICATION));
  return `${serializer.serialize(bom, { space: 2 })}\n`;
}

function toModel(component: Component): Models.Component {
  const { name, version, license, source, kind, sha512 } = component;
  const [group, base] = name.startsWith('@') ? name.split('/') : [undefined, name];
  const purl = `pkg:${kind === 'npm' ? 'npm' : 'generic'}/${name.replace('@', '%40')}${version === undefined ? '' : `@${version}`}`;
  return new Models.Component(Enums.ComponentType.Library, base, {
    group,
    version,
    purl,
    bomRef: referenceOf(component),
    licenses: new Models.LicenseRepository([licenseOf(license)]),
    hashes: new Models.HashDictionary(
      sha512 === undefined ? [] : [[Enums.HashAlgorithm['SHA-512'], Buffer.from(sha512, 'base64').toString('hex')]],
    ),
    externalReferences: new Models.ExternalReferenceRepository([
      new Models.ExternalReference(source, Enums.ExternalReferenceType.VCS),
    ]),
  });
}

function licenseOf(license: string): Models.License {
  return SPDX.isSupportedSpdxId(license) ? new Models.SpdxLicense(license) : new Models.LicenseExpression(license);
}
