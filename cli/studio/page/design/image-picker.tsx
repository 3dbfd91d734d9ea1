import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { ImagePage } from '../../studio-api';
import { request, withQuery } from '../shared/requests';
import { useQuery } from '../shared/use-query';

/** Properties of {@link ImagePicker}. */
export interface ImagePickerProps {
  readonly selected: string | undefined;
  readonly onSelect: (key: string) => void;
}

/** Maximum number of suggestions. */
const MAX_SUGGESTIONS = 50;

/** Text field in which users select an image from suggestions. The initial selection is the first image. */
export function ImagePicker({ selected, onSelect }: ImagePickerProps): VNode {
  const [search, setSearch] = useState('');
  const path = withQuery('/images', { search, status: 'ready', limit: MAX_SUGGESTIONS });
  const { result } = useQuery(path, async (signal) => {
    const { images } = (await request<ImagePage>(path, { signal })).body;
    const [first] = images;
    if (selected === undefined && first) {
      onSelect(first.key);
    }
    return images;
  });
  return (
    <label class="search">
      Image{' '}
      <input
        type="search"
        list="image-keys"
        placeholder={selected ?? 'No images'}
        value={search}
        onInput={({ currentTarget: { value } }) => {
          setSearch(value);
          if (result?.some(({ key }) => key === value)) {
            onSelect(value);
          }
        }}
        onChange={({ currentTarget: { value } }) => {
          const [match] = result ?? [];
          if (value !== '' && match) {
            onSelect(match.key);
            setSearch('');
          }
        }}
      />
      <datalist id="image-keys">
        {result?.map(({ key }) => (
          <option key={key} value={key} />
        ))}
      </datalist>
    </label>
  );
}
