// Entry point of the page.
import { render } from 'preact';
import type { StudioSettings } from '../studio-api';
import { App } from './app';
import './page.css';
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
