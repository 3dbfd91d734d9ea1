import { createHash } from 'node:crypto';
import type { CoreSettings, ThumbnailSettings } from '../../../runtime/contract';
import { sniff, type FocalPoint, type RenderedThumbnail } from '../../../runtime/engine';
import type { Render } from '../../../runtime/pipeline';
import type { StoredObject } from '../../../runtime/storage';
import { STUDIO_PATH, type Design, type DesignedFile, type DesignRequest } from '../studio-api';
import { ByteCache, type CachedFile } from './byte-cache';
import { dssim } from './dssim';

/** Options of {@link DesignRenderer}. */
export interface DesignRendererOptions {
  readonly settings: Pick<CoreSettings, 'limits' | 'allowSvg' | 'detectJpegCorruption'>;
  readonly render: Render;
}

interface Selection {
  readonly thumbnails: readonly ThumbnailSettings[];
  /** The only file to render. @default - all files */
  readonly only?: DesignRequest['only'];
}

interface Rendered extends CachedFile, Pick<RenderedThumbnail, 'width' | 'height'> {
  dssim?: number;
}

/** Maximum total size of cached design files, in bytes. */
const CACHE_BYTES = 256 * 2 ** 20;
/** Formats that every browser displays. */
const DISPLAYED_FORMATS: readonly (string | undefined)[] = ['jpeg', 'png', 'webp', 'avif', 'gif'];
/** Maximum width and height in pixels of a preview. The page shows a preview if browsers cannot display the source format. */
const PREVIEW_SIDE = 2048;

/** Renders thumbnails with the settings of the design view. Keeps the files in memory and writes nothing to disk. */
export class DesignRenderer {
  private readonly files = new ByteCache<Rendered>(CACHE_BYTES);

  public constructor(private readonly options: DesignRendererOptions) {}

  /** Returns a cached file from {@link design} by its id. */
  public file(id: string): CachedFile | undefined {
    return this.files.get(id);
  }

  /**
   * Returns the files of a design. Renders the files that are not in the cache.
   *
   * @throws ImageRejection if the engine rejects the source
   */
  public async design(source: StoredObject, { thumbnails, only }: Selection, focalPoint?: FocalPoint): Promise<Design> {
    // The id depends on the sizes of all thumbnails: they determine the size at which the engine decodes the source, and this
    // size affects every thumbnail.
    const boxes = thumbnails.map(({ fit, width, height, enlarge }) => [fit, width, height, enlarge]);
    const idOf = (settings: ThumbnailSettings): string => {
      const content = JSON.stringify([source.key, source.etag, focalPoint, boxes, { ...settings, name: undefined }]);
      return createHash('sha256').update(content).digest('base64url').slice(0, 22);
    };
    const single = thumbnails
      .flatMap((thumbnail) => thumbnail.formats.map((format) => ({ ...thumbnail, formats: [format] })))
      .filter(({ name, formats: [format] }) => !only || (only.name === name && only.format === format!.type));
    const wanted = new Map(single.flatMap((file) => [file, referenceOf(file)]).map((file) => [idOf(file), file]));
    await this.renderMissing(source, wanted, thumbnails, focalPoint);
    const files: DesignedFile[] = [];
    for (const settings of single) {
      const [id, referenceId] = [idOf(settings), idOf(referenceOf(settings))];
      const [file, reference] = [this.files.get(id), this.files.get(referenceId)];
      // If the files of the design are too large for the cache, it has already removed some of them.
      if (file && reference) {
        file.dssim ??= await dssim(file.body, reference.body, settings.background);
        files.push({
          name: settings.name,
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
   * Returns a source image in a format that every browser supports.
   *
   * @throws ImageRejection if the engine rejects a source that requires conversion
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

  /** Renders all missing files with one call of the engine, which decodes the source only once. */
  private async renderMissing(
    { body }: StoredObject,
    wanted: ReadonlyMap<string, ThumbnailSettings>,
    all: readonly ThumbnailSettings[],
    focalPoint: FocalPoint | undefined,
  ): Promise<void> {
    const missing = [...wanted].filter(([id]) => this.files.get(id) === undefined);
    if (missing.length === 0) {
      return;
    }
    const { limits, allowSvg, detectJpegCorruption } = this.options.settings;
    const { thumbnails } = await this.options.render(body, {
      limits,
      allowSvg,
      detectJpegCorruption,
      thumbnails: [...missing.map(([id, settings]) => ({ ...settings, name: id })), ...all.map(anchorOf)],
      ...(focalPoint && { focalPoint }),
    });
    for (const thumbnail of thumbnails) {
      if (wanted.has(thumbnail.name)) {
        this.files.set(thumbnail.name, thumbnail);
      }
    }
  }
}

/**
 * Returns the settings of a thumbnail with a format that encodes fast. Each call of the engine includes every thumbnail in this
 * form, even if only some files are missing, so that the engine decodes the source at the same size as a deployed pipeline.
 */
function anchorOf(settings: ThumbnailSettings): ThumbnailSettings {
  return { ...settings, animated: false, formats: [{ type: 'jpeg', quality: 1 }] };
}

/** Returns the settings of a lossless version of the thumbnail. */
function referenceOf(settings: ThumbnailSettings): ThumbnailSettings {
  return { ...settings, animated: false, formats: [{ type: 'png', effort: 1 }] };
}

function urlOf(id: string): string {
  return `${STUDIO_PATH}/designs/${id}`;
}
