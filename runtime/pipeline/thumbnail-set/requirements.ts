import type { Format } from '../../contract';
import type { ObjectHead } from '../../storage';
import { readFocalPoint } from '../focal-point';
import { thumbnailHash, fingerprint, settingsHash, type SetSettings } from './fingerprint';
import type { Manifest, ManifestSource } from './manifest';
import { fileName, isThumbnailFile } from './thumbnail-keys';
import type { StoredSet } from './thumbnail-sets';

/** What the settings ask of every set. */
export class Requirements {
  private readonly definitions: ReadonlyMap<string, string>;
  private readonly settingsHashes: Readonly<Record<Manifest['status'], string>>;

  public constructor(settings: SetSettings) {
    this.definitions = new Map(
      settings.thumbnails.flatMap((thumbnail) =>
        thumbnail.formats.map((format): [string, string] => [
          fileName(thumbnail.name, format.type),
          thumbnailHash(thumbnail, format),
        ]),
      ),
    );
    this.settingsHashes = { ready: settingsHash(settings, 'ready'), rejected: settingsHash(settings, 'rejected') };
  }

  /** What a thumbnail is made by now; undefined when none of this name and format is asked for. */
  public definition(name: string, format: Format): string | undefined {
    return this.definitions.get(fileName(name, format));
  }

  /** The fingerprint of a set that is made of a source now, and ends as said. */
  public fingerprint(
    source: Pick<ManifestSource, 'etag' | 'focalPoint' | 'warnings'>,
    status: Manifest['status'],
  ): string {
    return fingerprint(source, this.settingsHashes[status]);
  }

  /**
   * The manifest of a set that is what the source asks for; undefined when it must be made. The thumbnails themselves are
   * compared too: a worker that was late and then died can have written over them after their manifest was written.
   */
  public agreement({ manifest, files }: StoredSet, source: ManifestSource): Manifest | undefined {
    if (!manifest || manifest.fingerprint !== this.fingerprint(source, manifest.status)) {
      return undefined;
    }
    const thumbnails = manifest.status === 'ready' ? manifest.thumbnails : [];
    return thumbnails.every(({ name, format, etag }) => files.get(fileName(name, format)) === etag)
      ? manifest
      : undefined;
  }

  /** Files of a set that do not belong to it, the manifest apart: left by other settings, or by a picture that is refused now. */
  public leftovers(files: Iterable<string>, status: Manifest['status']): string[] {
    return Array.from(files).filter(
      (file) => isThumbnailFile(file) && !(status === 'ready' && this.definitions.has(file)),
    );
  }
}

/** A source as the manifest tells of it. */
export function describeSource({ key, etag, bytes, metadata }: ObjectHead): ManifestSource {
  const { focalPoint, warning } = readFocalPoint(metadata);
  return { key, etag, bytes, ...(focalPoint && { focalPoint }), ...(warning !== undefined && { warnings: [warning] }) };
}
