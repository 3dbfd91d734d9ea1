// Entry point of the studio page.
import { render } from 'preact';
// These imports come first, so that the style sheets of the views override these style sheets.
import './shared/base.css';
import './shared/layout.css';
import './shared/components.css';
import type { StudioSettings } from '../studio-api';
import { App } from './app';
import { connect } from './shared/live';
import { messageOf, request } from './shared/requests';

const root = document.getElementById('studio')!;
request<StudioSettings>('/settings').then(
  ({ body }) => {
    connect();
    render(<App settings={body} />, root);
  },
  (error: unknown) => {
    root.textContent = `The studio does not respond: ${messageOf(error)}. Start it again and reload this page.`;
  },
);
