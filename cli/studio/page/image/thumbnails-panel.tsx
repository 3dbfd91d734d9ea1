import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { Design, DesignRequest, StudioSettings } from '../../studio-api';
import { CompareSlider } from '../shared/compare-slider';
import { formatBytes, formatSaving } from '../shared/format';
import { request } from '../shared/requests';
import { useQuery } from '../shared/use-query';
import { BrowserFormats } from './browser-formats';
import type { ReadyApiManifest, StoredThumbnail } from './manifest';

/**
 * Maximum width in pixels of the initially selected thumbnail. On most screens, the source image fits beside a
 * thumbnail of this width.
 */
const MAX_DEFAULT_WIDTH = 700;

/** Properties of {@link ThumbnailsPanel}. */
export interface ThumbnailsPanelProps {
  readonly settings: StudioSettings;
  readonly manifest: ReadyApiManifest;
}

/** List of all thumbnails of an image. Shows the selected thumbnail beside the source image. */
export function ThumbnailsPanel({ settings, manifest }: ThumbnailsPanelProps): VNode {
  const { thumbnails, source } = manifest;
  const [selected, setSelected] = useState(() => defaultIndex(thumbnails));
  const shown = thumbnails[Math.min(selected, thumbnails.length - 1)]!;
  return (
    <>
      <section class="panel" aria-labelledby="thumbnails">
        <h2 id="thumbnails">Thumbnails</h2>
        <Comparison settings={settings} manifest={manifest} shown={shown} />
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">Thumbnail</th>
                <th scope="col">Format</th>
                <th scope="col" class="number">
                  Pixels
                </th>
                <th scope="col" class="number">
                  Bytes
                </th>
                <th scope="col" class="number">
                  To the original
                </th>
                <th scope="col" class="number">
                  To the largest format
                </th>
              </tr>
            </thead>
            <tbody>
              {thumbnails.map((thumbnail, index) => (
                <tr key={`${thumbnail.name} ${thumbnail.format}`} class={thumbnail === shown ? 'selected' : undefined}>
                  <th scope="row">
                    <label class="choice">
                      <input
                        type="radio"
                        name="thumbnail"
                        checked={thumbnail === shown}
                        aria-label={`Compare ${thumbnail.name} as ${thumbnail.format}`}
                        onChange={() => setSelected(index)}
                      />{' '}
                      {thumbnail.name}
                    </label>
                  </th>
                  <td>
                    <a href={thumbnail.url}>{thumbnail.format}</a>
                  </td>
                  <td class="number">
                    {thumbnail.width}×{thumbnail.height}
                  </td>
                  <td class="number">{formatBytes(thumbnail.bytes)}</td>
                  <td class="number">{formatSaving(thumbnail.bytes, source.bytes)}</td>
                  <td class="number">{savingByFormat(thumbnail, thumbnails)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </section>
      <section class="panel" aria-labelledby="browsers">
        <h2 id="browsers">What browsers receive for {shown.name}</h2>
        <BrowserFormats imageKey={source.key} name={shown.name} etag={source.etag} />
      </section>
    </>
  );
}

interface ComparisonProps extends ThumbnailsPanelProps {
  readonly shown: StoredThumbnail;
}

/** Slider that compares the stored thumbnail with an uncompressed version of the thumbnail. */
function Comparison({ settings, manifest, shown }: ComparisonProps): VNode {
  const { source } = manifest;
  const inputs = JSON.stringify([source, shown.name, shown.format]);
  const { result, error } = useQuery(inputs, async (signal) => {
    const only = { name: shown.name, format: shown.format };
    const body: DesignRequest = { key: source.key, thumbnails: settings.thumbnails, only };
    return (await request<Design>('/designs', { body, signal })).body.files[0];
  });
  return (
    <div class="comparison">
      {result && (
        <>
          <CompareSlider
            original={result.referenceUrl}
            thumbnail={shown.url}
            label={shown.format}
            width={shown.width}
            height={shown.height}
          />
          <p class="soft">
            {shown.name} as {shown.format}: {formatBytes(shown.bytes)}, DSSIM {result.dssim.toFixed(4)} to the
            uncompressed thumbnail. One pixel of the thumbnail is one pixel of the screen.
          </p>
        </>
      )}
      {error && <p class="error">{error}</p>}
    </div>
  );
}

/** Returns the index of the widest thumbnail of at most {@link MAX_DEFAULT_WIDTH}. Returns 0 if all thumbnails are wider. */
function defaultIndex(thumbnails: readonly StoredThumbnail[]): number {
  const widths = thumbnails.map(({ width }) => width).filter((width) => width <= MAX_DEFAULT_WIDTH);
  return Math.max(
    0,
    thumbnails.findIndex(({ width }) => width === Math.max(...widths)),
  );
}

/** Returns the size reduction of a file relative to the largest file of the same thumbnail, such as `−50 %`. */
function savingByFormat({ name, bytes }: StoredThumbnail, thumbnails: readonly StoredThumbnail[]): string {
  const largest = Math.max(...thumbnails.filter((other) => other.name === name).map((other) => other.bytes));
  return bytes === largest ? '–' : formatSaving(bytes, largest);
}
