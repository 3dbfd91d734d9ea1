import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import { placeholderUrl } from '../../../../client/placeholder';
import type { ImageSummary } from '../../studio-api';
import { formatBytes, plural } from '../shared/format';
import { linkTo } from '../shared/route';
import { ErrorCode } from './error-code';

/** Properties of {@link ImageCard}. */
export interface ImageCardProps {
  readonly image: ImageSummary;
  readonly isSelected: boolean;
  readonly onSelect: (isSelected: boolean) => void;
  readonly onDelete: () => void;
}

/** Card that shows one image of the list. */
export function ImageCard({ image, isSelected, onSelect, onDelete }: ImageCardProps): VNode {
  const { key, bytes, status, preview, rejection, warnings = 0, thumbnailBytes = 0 } = image;
  return (
    <li class={`card ${status}`}>
      <a class="picture" href={linkTo('image', key)} tabIndex={-1} aria-hidden="true">
        {preview ? <Preview hash={image.thumbHash} {...preview} /> : <span class="no-picture">{LABELS[status]}</span>}
      </a>
      <div class="text">
        <a class="key" href={linkTo('image', key)}>
          {key}
        </a>
        {status === 'ready' && image.image && (
          <p class="detail">
            {image.image.width}×{image.image.height} {image.image.format}, {formatBytes(bytes)} →{' '}
            {formatBytes(thumbnailBytes)}
            {warnings > 0 && <span class="tag">{plural(warnings, 'warning')}</span>}
          </p>
        )}
        {status === 'pending' && <p class="detail">Not rendered yet, {formatBytes(bytes)}</p>}
        {rejection && (
          <p class="detail">
            <ErrorCode code={rejection.code} /> {rejection.message}
          </p>
        )}
      </div>
      <div class="actions">
        <label>
          <input
            type="checkbox"
            checked={isSelected}
            aria-label={`Select ${key}`}
            onChange={({ currentTarget }) => onSelect(currentTarget.checked)}
          />
        </label>
        <button type="button" class="plain" aria-label={`Delete ${key}`} onClick={onDelete}>
          Delete
        </button>
      </div>
    </li>
  );
}

const LABELS = { ready: 'No thumbnails', pending: 'Pending', rejected: 'Rejected' } as const;

interface PreviewProps {
  readonly hash: string | undefined;
  readonly url: string;
  readonly width: number;
  readonly height: number;
}

function Preview({ hash, url, width, height }: PreviewProps): VNode {
  const placeholder = useMemo(() => (hash === undefined ? undefined : placeholderUrl(hash)), [hash]);
  return (
    <img
      src={url}
      width={width}
      height={height}
      alt=""
      loading="lazy"
      decoding="async"
      style={placeholder && { backgroundImage: `url(${placeholder})` }}
    />
  );
}
