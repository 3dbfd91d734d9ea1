import type { Format } from '../../contract';
import type { Warning } from '../../errors/warning-codes';
import type { ObjectHead } from '../../storage';
import { readFocalPoint } from '../focal-point';
import { fingerprint, settingsHash, thumbnailHash, type SetSettings } from './fingerprint';
import type { Manifest, ManifestSource } from './manifest';
import { fileName, isThumbnailFile } from './thumbnail-keys';
import type { StoredSet } from './thumbnail-sets';

/** A source with the warnings about its metadata. */
export interface DescribedSource {
  readonly source: ManifestSource;
  readonly warnings: readonly Warning[];
}

/** Desired state of thumbnail sets under the current settings. */
export class DesiredSet {
  private readonly hashes: ReadonlyMap<string, string>;
  private readonly settingsHashes: Readonly<Record<Manifest['status'], string>>;

  public constructor(settings: SetSettings) {
    this.hashes = new Map(
      settings.thumbnails.flatMap((thumbnail) =>
        thumbnail.formats.map((format): [string, string] => [
          fileName(thumbnail.name, format.type),
          thumbnailHash(thumbnail, format),
        ]),
      ),
    );
    this.settingsHashes = { ready: settingsHash(settings, 'ready'), rejected: settingsHash(settings, 'rejected') };
  }

  /** Returns the hash of a thumbnail's settings. Returns undefined if the settings contain no such thumbnail or format. */
  public thumbnailHash(name: string, format: Format): string | undefined {
    return this.hashes.get(fileName(name, format));
  }

  /** Returns the fingerprint that the thumbnail set of a source has under the current settings. */
  public fingerprint({ source, warnings }: DescribedSource, status: Manifest['status']): string {
    return fingerprint(source, warnings, this.settingsHashes[status]);
  }

  /**
   * Returns the manifest of a stored thumbnail set if the thumbnail set is current. Returns undefined if the thumbnail set is
   * outdated or incomplete.
   *
   * The comparison includes the ETags of the thumbnails, because a late worker can replace thumbnails after the write of the
   * manifest.
   */
  public currentManifest({ manifest, files }: StoredSet, described: DescribedSource): Manifest | undefined {
    if (!manifest || manifest.fingerprint !== this.fingerprint(described, manifest.status)) {
      return undefined;
    }
    const thumbnails = manifest.status === 'ready' ? manifest.thumbnails : [];
    return thumbnails.every(({ name, format, etag }) => files.get(fileName(name, format)) === etag)
      ? manifest
      : undefined;
  }

  /**
   * Returns the thumbnail files that do not belong to a thumbnail set with this status and the current settings. These files
   * remain from earlier settings or from an earlier version of the source.
   */
  public obsoleteFiles(files: Iterable<string>, status: Manifest['status']): string[] {
    return Array.from(files).filter((file) => isThumbnailFile(file) && !(status === 'ready' && this.hashes.has(file)));
  }
}

/** Returns a function that returns the desired thumbnail set of a source key. */
export function desiredSetsOf<Settings extends SetSettings>(
  settingsOf: (key: string) => Settings,
): (key: string) => DesiredSet {
  const bySettings = new Map<Settings, DesiredSet>();
  return (key) => {
    const settings = settingsOf(key);
    const desired = bySettings.get(settings) ?? new DesiredSet(settings);
    bySettings.set(settings, desired);
    return desired;
  };
}

/** Describes a source by the attributes of its object. */
export function describeSource({ key, etag, bytes, metadata, scan }: ObjectHead): DescribedSource {
  const { focalPoint, warning } = readFocalPoint(metadata);
  return {
    source: { key, etag, bytes, ...(focalPoint && { focalPoint }), ...(scan && { scan }) },
    warnings: warning ? [warning] : [],
  };
}

/** Returns the source of a manifest with the warnings about its metadata. The result excludes warnings of the engine. */
export function describedSourceOf({ source, warnings }: Manifest): DescribedSource {
  return { source, warnings: warnings.filter(({ code }) => code === 'invalid-focal-point') };
}
