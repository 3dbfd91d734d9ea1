import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { STUDIO_PATH } from '../../studio-api';
import { notify } from '../shared/notice';
import { messageOf, request, withQuery } from '../shared/requests';

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Properties of {@link FocalPoint}. */
export interface FocalPointProps {
  readonly imageKey: string;
  readonly etag: string;
  readonly size: { readonly width: number; readonly height: number };
  readonly point: Point | undefined;
  readonly onChange: () => void;
}

/** Source image on which users set the focal point with a click. Cropped thumbnails keep the focal point visible. */
export function FocalPoint({ imageKey, etag, size, point, onChange }: FocalPointProps): VNode {
  const [isSaving, setSaving] = useState(false);
  const save = async (focalPoint: Point | null): Promise<void> => {
    setSaving(true);
    try {
      await request('/focal-point', { method: 'PUT', body: { key: imageKey, focalPoint } });
      notify({ text: focalPoint ? 'Focal point saved. The pipeline updates the thumbnails.' : 'Focal point removed.' });
    } catch (error) {
      notify({ text: `Focal point not saved: ${messageOf(error)}`, isError: true });
    }
    setSaving(false);
    onChange();
  };
  const { x, y } = point ?? { x: 0.5, y: 0.5 };
  const field = (name: string, value: number, change: (fraction: number) => Point): VNode => (
    <label>
      {name}{' '}
      <input
        type="number"
        min="0"
        max="100"
        step="0.1"
        value={Math.round(value * 1000) / 10}
        disabled={isSaving}
        onChange={({ currentTarget }) => {
          const fraction = Number(currentTarget.value) / 100;
          if (fraction >= 0 && fraction <= 1) {
            void save(change(fraction));
          }
        }}
      />{' '}
      %
    </label>
  );
  return (
    <div>
      <div
        class="original"
        style={{ aspectRatio: `${size.width} / ${size.height}`, maxWidth: `${(22 * size.width) / size.height}rem` }}
        onClick={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          void save({
            x: (event.clientX - box.left) / box.width,
            y: (event.clientY - box.top) / box.height,
          });
        }}
      >
        <img src={STUDIO_PATH + withQuery('/originals', { key: imageKey, v: etag })} alt="Original image" />
        {point && <span class="point" style={{ left: `${x * 100}%`, top: `${y * 100}%` }} />}
      </div>
      <fieldset class="point-fields">
        <legend>
          Focal point <small>click the image; crops keep the point visible</small>
        </legend>
        {field('From the left', x, (fraction) => ({ x: fraction, y }))}
        {field('From the top', y, (fraction) => ({ x, y: fraction }))}
        <button type="button" disabled={!point || isSaving} onClick={() => void save(null)}>
          Remove
        </button>
      </fieldset>
    </div>
  );
}
