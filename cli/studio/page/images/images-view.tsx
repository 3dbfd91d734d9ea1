import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { ImagePage, ImageStatus, StudioSettings } from '../../studio-api';
import { formatCount } from '../shared/format';
import { useEvents } from '../shared/live';
import { notify } from '../shared/notice';
import { request, withQuery } from '../shared/requests';
import { useQuery } from '../shared/use-query';
import { deleteImages } from './delete-images';
import { ImageCard } from './image-card';
import { UploadArea } from './upload-area';
import './images.css';

const PAGE_SIZE = 60;
const FILTERS: readonly { readonly status: ImageStatus | ''; readonly label: string }[] = [
  { status: '', label: 'All' },
  { status: 'ready', label: 'Ready' },
  { status: 'rejected', label: 'Rejected' },
  { status: 'pending', label: 'Pending' },
];

/** View of all images, with upload, search and deletion. */
export function ImagesView({ settings }: { readonly settings: StudioSettings }): VNode {
  const [search, setSearch] = useState('');
  const [status, setStatus] = useState<ImageStatus | ''>('');
  const [offset, setOffset] = useState(0);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const path = withQuery('/images', { search, status, offset, limit: PAGE_SIZE });
  const { result, error, isLoading, reload } = useQuery(path, async (signal) => {
    const { body } = await request<ImagePage>(path, { signal });
    return body;
  });
  useEvents((event) => {
    if (event?.type === 'failed') {
      notify({ text: `${event.key}: ${event.message}`, isError: true });
    }
    reload();
  });
  const remove = (keys: readonly string[]): void => {
    setSelected(new Set());
    void deleteImages(keys, reload);
  };
  const select = (key: string, isSelected: boolean): void => {
    const next = new Set(selected);
    if (isSelected) {
      next.add(key);
    } else {
      next.delete(key);
    }
    setSelected(next);
  };
  const { images = [], matching = 0, counts } = result ?? {};
  const total = counts ? counts.ready + counts.rejected + counts.pending : 0;
  if (result && offset > 0 && offset >= matching) {
    setOffset(Math.max(0, Math.floor((matching - 1) / PAGE_SIZE) * PAGE_SIZE));
  }
  return (
    <>
      <h1 class="visually-hidden">Images</h1>
      <UploadArea prefix={settings.sourcePrefix} />
      <form class="toolbar" role="search" onSubmit={(event) => event.preventDefault()}>
        <label class="search">
          <span class="visually-hidden">Search keys</span>
          <input
            type="search"
            placeholder="Search keys"
            value={search}
            onInput={({ currentTarget }) => (setSearch(currentTarget.value), setOffset(0))}
          />
        </label>
        <fieldset class="segments">
          <legend class="visually-hidden">Status</legend>
          {FILTERS.map((filter) => (
            <label key={filter.status}>
              <input
                type="radio"
                name="status"
                checked={status === filter.status}
                onChange={() => (setStatus(filter.status), setOffset(0))}
              />
              <span>
                {filter.label} {counts && <small>{formatCount(filter.status ? counts[filter.status] : total)}</small>}
              </span>
            </label>
          ))}
        </fieldset>
        {selected.size > 0 && (
          <span class="selection">
            {formatCount(selected.size)} selected
            <button type="button" onClick={() => remove([...selected])}>
              Delete selected
            </button>
            <button type="button" class="plain" onClick={() => setSelected(new Set())}>
              Clear
            </button>
          </span>
        )}
      </form>
      {error && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
      {result && images.length === 0 && (
        <p class="empty">
          {total === 0 ? 'No images yet. Drop some, or copy files into the directory.' : 'No matches.'}
        </p>
      )}
      <ul class="cards" aria-busy={isLoading} aria-label="Images">
        {images.map((image) => (
          <ImageCard
            key={image.key}
            image={image}
            isSelected={selected.has(image.key)}
            onSelect={(isSelected) => select(image.key, isSelected)}
            onDelete={() => remove([image.key])}
          />
        ))}
      </ul>
      <Paging offset={offset} matching={matching} onChange={setOffset} />
    </>
  );
}

interface PagingProps {
  readonly offset: number;
  readonly matching: number;
  readonly onChange: (offset: number) => void;
}

function Paging({ offset, matching, onChange }: PagingProps): VNode | null {
  if (matching === 0) {
    return null;
  }
  const last = Math.min(offset + PAGE_SIZE, matching);
  const go = (to: number): void => {
    onChange(to);
    scrollTo(0, 0);
  };
  return (
    <nav class="paging" aria-label="Pages">
      <button type="button" disabled={offset === 0} onClick={() => go(Math.max(0, offset - PAGE_SIZE))}>
        Previous
      </button>
      <span role="status">
        {formatCount(offset + 1)}–{formatCount(last)} of {formatCount(matching)}
      </span>
      <button type="button" disabled={last >= matching} onClick={() => go(offset + PAGE_SIZE)}>
        Next
      </button>
    </nav>
  );
}
