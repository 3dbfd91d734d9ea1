import { computed, signal } from '@preact/signals';

/** Views of the studio. */
export const VIEWS = ['images', 'image', 'design', 'costs'] as const;
/** One of {@link VIEWS}. */
export type View = (typeof VIEWS)[number];

const fragment = signal(location.hash);
addEventListener('hashchange', () => (fragment.value = location.hash));

/** View and image key in the fragment of the URL. */
export const route = computed((): { readonly view: View; readonly key?: string } => {
  const [, name, key] = /^#\/(\w+)(?:\/(.+))?$/.exec(fragment.value) ?? [];
  const view = VIEWS.find((known) => known === name) ?? 'images';
  return key === undefined ? { view: view === 'image' ? 'images' : view } : { view, key: decodeURIComponent(key) };
});

/** Returns the URL fragment of a view, such as `#/image/cat.jpg`. */
export function linkTo(view: View, key?: string): string {
  return `#/${view}${key === undefined ? '' : `/${encodeURIComponent(key)}`}`;
}
