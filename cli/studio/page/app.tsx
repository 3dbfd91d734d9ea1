import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { StudioSettings } from '../studio-api';
import { CostsView } from './costs/costs-view';
import { DesignView } from './design/design-view';
import { ImageView } from './image/image-view';
import { ImagesView } from './images/images-view';
import { isConnected } from './shared/live';
import { NoticeArea } from './shared/notice';
import { linkTo, route, type View } from './shared/route';

const TITLES: Readonly<Record<View, string>> = { images: 'Images', image: 'Image', design: 'Design', costs: 'Costs' };
const NAVIGATION: readonly View[] = ['images', 'design', 'costs'];

/** Page of the studio: the navigation and the current view. */
export function App({ settings }: { readonly settings: StudioSettings }): VNode {
  const { view, key } = route.value;
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  useEffect(() => {
    document.title = `${key ?? TITLES[view]} – cdk-thumbnails studio`;
    // Moves the scroll position and the focus to the top of a new view, because keyboard navigation and screen readers continue
    // at the focus.
    if (!isFirst.current) {
      main.current?.focus();
      scrollTo(0, 0);
    }
    isFirst.current = false;
  }, [view, key]);
  return (
    <>
      <a class="skip" href="#main" onClick={(event) => (event.preventDefault(), main.current?.focus())}>
        Skip to content
      </a>
      <header class="top">
        <span class="brand">cdk-thumbnails</span>
        <nav aria-label="Views">
          {NAVIGATION.map((name) => (
            <a
              key={name}
              href={linkTo(name)}
              aria-current={name === view || (name === 'images' && view === 'image') ? 'page' : undefined}
            >
              {TITLES[name]}
            </a>
          ))}
        </nav>
        <span class="origin" title={settings.origin}>
          {settings.origin}
        </span>
      </header>
      {!isConnected.value && (
        <p class="banner" role="alert">
          The connection to the studio is lost. The page reconnects when the studio runs again.
        </p>
      )}
      {!settings.isOpen && (
        <p class="banner">
          READ_ACCESS or WRITE_ACCESS requires signed links, which this page does not create. Start the studio without
          these variables.
        </p>
      )}
      <main id="main" tabIndex={-1} ref={main}>
        {view === 'images' && <ImagesView settings={settings} />}
        {view === 'image' && <ImageView key={key} settings={settings} imageKey={key!} />}
        {view === 'design' && <DesignView settings={settings} initialKey={key} />}
        {view === 'costs' && <CostsView settings={settings} />}
      </main>
      <NoticeArea />
    </>
  );
}
