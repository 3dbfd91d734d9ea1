import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { STUDIO_PATH, type StudioEvent } from '../../studio-api';

/** Whether the event stream of the studio is connected. */
export const isConnected = signal(true);

const listeners = new Set<(event: StudioEvent | undefined) => void>();

/** Connects to the event stream of the studio. The browser reconnects automatically. */
export function connect(): void {
  const source = new EventSource(`${STUDIO_PATH}/events`);
  source.onopen = () => {
    const isReconnected = !isConnected.value;
    isConnected.value = true;
    if (isReconnected) {
      listeners.forEach((listener) => listener(undefined));
    }
  };
  source.onerror = () => (isConnected.value = false);
  source.onmessage = ({ data }: MessageEvent<string>) => {
    const event = JSON.parse(data) as StudioEvent;
    listeners.forEach((listener) => listener(event));
  };
}

/**
 * Calls a function for each event. After a reconnection, calls the function without an event, because the page may have missed
 * events.
 */
export function useEvents(listener: (event: StudioEvent | undefined) => void): void {
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(() => {
    const call = (event: StudioEvent | undefined): void => latest.current(event);
    listeners.add(call);
    return () => void listeners.delete(call);
  }, []);
}
