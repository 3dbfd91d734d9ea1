import { createHash } from 'node:crypto';
import type { CoreSettings, ThumbnailSettings } from '../../../runtime/contract';
import { sniff, type FocalPoint, type RenderedThumbnail } from '../../../runtime/engine';
import type { Render } from '../../../runtime/pipeline';
import type { StoredObject } from '../../../runtime/storage';
import { STUDIO_PATH, type Design, type DesignedFile } from '../studio-api';
import { ByteCache, type CachedFile } from './byte-cache';
import { dssim } from './dssim';

/** Options of {@link DesignRenderer}. */
export interface DesignRendererOptions {
  readonly settings: Pick<CoreSettings, 'limits' | 'allowSvg' | 'detectJpegCorruption'>;
  readonly render: Render;
}

interface Rendered extends CachedFile, Pick<RenderedThumbnail, 'width' | 'height'> {
  dssim?: number;
}

/** Maximum total size of the files of designs. */
const CACHE_BYTES = 256 * 2 ** 20;
/** Formats that every browser displays. */
const DISPLAYED_FORMATS: readonly (string | undefined)[] = ['jpeg', 'png', 'webp', 'avif', 'gif'];
/** Longest side of the preview of an original in another format. */
const PREVIEW_SIDE = 2048;

/** Renders thumbnails that are not part of the settings. Writes no files. */
export class DesignRenderer {
  private readonly files = new ByteCache<Rendered>(CACHE_BYTES);

  public constructor(private readonly options: DesignRendererOptions) {}

  /** Returns a file of {@link design} by its id. */
  public file(id: string): CachedFile | undefined {
    return this.files.get(id);
  }

  /**
   * Renders the thumbnails of a design that are not in the cache.
   *
   * @throws ImageRejection if the source is rejected
   */
  public async design(
    source: StoredObject,
    thumbnails: readonly ThumbnailSettings[],
    focalPoint?: FocalPoint,
  ): Promise<Design> {
    const idOf = (settings: ThumbnailSettings): string => {
      const content = JSON.stringify([source.key, source.etag, focalPoint, { ...settings, name: undefined }]);
      return createHash('sha256').update(content).digest('base64url').slice(0, 22);
    };
    const single = thumbnails.flatMap((thumbnail) => {
      const reference = referenceOf(thumbnail);
      return thumbnail.formats.map((format) => ({
        name: thumbnail.name,
        settings: { ...thumbnail, formats: [format] },
        reference,
      }));
    });
    const wanted = new Map<string, ThumbnailSettings>();
    for (const { settings, reference } of single) {
      wanted.set(idOf(settings), settings).set(idOf(reference), reference);
    }
    await this.renderMissing(source, wanted, focalPoint);
    const files: DesignedFile[] = [];
    for (const { name, settings, reference } of single) {
      const [id, referenceId] = [idOf(settings), idOf(reference)];
      // The cache keeps the newest files only; a design that exceeds it is rendered again.
      const [file, original] = [this.files.get(id), this.files.get(referenceId)];
      if (file && original) {
        file.dssim ??= await dssim(file.body, original.body, settings.background);
        files.push({
          name,
          format: settings.formats[0]!.type,
          width: file.width,
          height: file.height,
          bytes: file.body.length,
          dssim: file.dssim,
          url: urlOf(id),
          referenceUrl: urlOf(referenceId),
        });
      }
    }
    return { files };
  }

  /**
   * Returns a source in a format that every browser displays.
   *
   * @throws ImageRejection if the source has another format and is rejected
   */
  public async original(source: StoredObject): Promise<CachedFile> {
    const format = sniff(source.body);
    if (DISPLAYED_FORMATS.includes(format)) {
      return { body: source.body, contentType: `image/${format}` };
    }
    const preview: ThumbnailSettings = {
      name: 'original',
      fit: 'inside',
      width: PREVIEW_SIDE,
      height: PREVIEW_SIDE,
      formats: [{ type: 'webp', quality: 90 }],
    };
    const { thumbnails } = await this.options.render(source.body, { ...this.options.settings, thumbnails: [preview] });
    return thumbnails[0]!;
  }

  /** Renders in one pass, because the engine decodes the source once for all thumbnails. */
  private async renderMissing(
    { body }: StoredObject,
    wanted: ReadonlyMap<string, ThumbnailSettings>,
    focalPoint: FocalPoint | undefined,
  ): Promise<void> {
    const missing = [...wanted].filter(([id]) => this.files.get(id) === undefined);
    if (missing.length > 0) {
      const { limits, allowSvg, detectJpegCorruption } = this.options.settings;
      const thumbnails = missing.map(([id, settings]) => ({ ...settings, name: id }));
      const rendering = await this.options.render(body, {
        limits,
        allowSvg,
        detectJpegCorruption,
        thumbnails,
        ...(focalPoint && { focalPoint }),
      });
      for (const thumbnail of rendering.thumbnails) {
        this.files.set(thumbnail.name, thumbnail);
      }
    }
  }
}

/** Returns the thumbnail without compression. */
function referenceOf(settings: ThumbnailSettings): ThumbnailSettings {
  return { ...settings, animated: false, formats: [{ type: 'png', effort: 1 }] };
}

function urlOf(id: string): string {
  return `${STUDIO_PATH}/designs/${id}`;
}
