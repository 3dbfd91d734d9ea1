import type { VNode } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { placeholderUrl } from '../../../../client/placeholder';
import type { StudioSettings } from '../../studio-api';
import { deleteImages } from '../images/delete-images';
import { ErrorCode } from '../images/error-code';
import { CopyField } from '../shared/copy-field';
import { formatBytes, formatMilliseconds, plural } from '../shared/format';
import { useEvents } from '../shared/live';
import { notify } from '../shared/notice';
import { messageOf, request } from '../shared/requests';
import { linkTo } from '../shared/route';
import { useQuery } from '../shared/use-query';
import { FocalPoint } from './focal-point';
import { fetchManifest, type ApiManifest, type ReadyApiManifest } from './manifest';
import { ThumbnailsPanel } from './thumbnails-panel';
import './image.css';

/** Properties of {@link ImageView}. */
export interface ImageViewProps {
  readonly settings: StudioSettings;
  readonly imageKey: string;
}

/** View of one image with all its thumbnails. */
export function ImageView({ settings, imageKey }: ImageViewProps): VNode {
  const { result, error, reload } = useQuery(imageKey, (signal) => fetchManifest(imageKey, signal));
  const [renderTime, setRenderTime] = useState<number | undefined>(undefined);
  useEvents((event) => {
    if (event === undefined || event.key === imageKey) {
      reload();
    }
    if (event?.type === 'changed' && event.key === imageKey && event.milliseconds !== undefined) {
      setRenderTime(event.milliseconds);
    }
  });
  const renderAgain = async (): Promise<void> => {
    try {
      const { timings } = await request('/renders', { body: { key: imageKey } });
      setRenderTime(timings['render']);
    } catch (caught) {
      notify({ text: `Not rendered: ${messageOf(caught)}`, isError: true });
    }
    reload();
  };
  const manifest = result?.body;
  return (
    <>
      <p class="back">
        <a href={linkTo('images')}>← Images</a>
      </p>
      <div class="title">
        <h1>{imageKey}</h1>
        <div class="buttons">
          <a class="button" href={linkTo('design', imageKey)}>
            Design with this image
          </a>
          <button type="button" onClick={() => void renderAgain()}>
            Render again
          </button>
          <button
            type="button"
            onClick={() => {
              location.hash = linkTo('images');
              void deleteImages([imageKey], () => undefined);
            }}
          >
            Delete
          </button>
        </div>
      </div>
      {error && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
      {manifest && <Warnings manifest={manifest} />}
      {manifest?.status === 'rejected' && (
        <p class="panel error">
          Rejected: <ErrorCode code={manifest.rejection.code} /> {manifest.rejection.message}
        </p>
      )}
      {manifest?.status === 'ready' && (
        <div class="columns">
          <div>
            <section class="panel" aria-labelledby="original">
              <h2 id="original">Original</h2>
              <FocalPoint
                imageKey={imageKey}
                etag={manifest.source.etag}
                size={manifest.image}
                point={manifest.source.focalPoint}
                onChange={reload}
              />
              <Facts manifest={manifest} renderTime={renderTime} />
            </section>
            <Markup manifest={manifest} />
          </div>
          <div>
            <ThumbnailsPanel settings={settings} manifest={manifest} />
          </div>
        </div>
      )}
      {manifest && (
        <details class="panel">
          <summary>Manifest</summary>
          <CopyField label="manifest.json" text={JSON.stringify(manifest, null, 2)} />
        </details>
      )}
    </>
  );
}

function Warnings({ manifest: { warnings } }: { readonly manifest: ApiManifest }): VNode | null {
  return warnings.length === 0 ? null : (
    <ul class="panel warnings" aria-label="Warnings">
      {warnings.map(({ code, message }) => (
        <li key={code}>
          <ErrorCode code={code} section="manifest-warnings" /> {message}
        </li>
      ))}
    </ul>
  );
}

interface FactsProps {
  readonly manifest: ReadyApiManifest;
  readonly renderTime: number | undefined;
}

function Facts({ manifest, renderTime }: FactsProps): VNode {
  const { image, source, thumbHash, dominantColor, thumbnails } = manifest;
  const placeholder = useMemo(() => placeholderUrl(thumbHash), [thumbHash]);
  const total = thumbnails.reduce((sum, { bytes }) => sum + bytes, 0);
  return (
    <dl class="facts">
      <dt>Original</dt>
      <dd>
        {image.width}×{image.height} {image.format}, {formatBytes(source.bytes)}
        {image.frames > 1 && `, ${image.frames} frames`}
        {image.hasAlpha && ', with transparency'}
      </dd>
      <dt>Thumbnails</dt>
      <dd>
        {plural(thumbnails.length, 'file')}, {formatBytes(total)}
      </dd>
      <dt>Render time</dt>
      <dd>{renderTime === undefined ? 'choose “Render again” to measure' : formatMilliseconds(renderTime)}</dd>
      <dt>ThumbHash</dt>
      <dd>
        <img class="placeholder" src={placeholder} alt="Placeholder from the ThumbHash" /> <code>{thumbHash}</code>
      </dd>
      <dt>Dominant colour</dt>
      <dd>
        <span class="swatch" style={{ backgroundColor: dominantColor }} /> <code>{dominantColor}</code>
      </dd>
    </dl>
  );
}

function Markup({ manifest: { picture, srcset } }: { readonly manifest: ReadyApiManifest }): VNode {
  return (
    <section class="panel" aria-labelledby="markup">
      <h2 id="markup">HTML</h2>
      <CopyField label="<picture>" text={picture} />
      {Object.entries(srcset).map(([format, candidates]) => (
        <CopyField key={format} label={`srcset for ${format}`} text={candidates.replaceAll(', ', ',\n')} />
      ))}
    </section>
  );
}
