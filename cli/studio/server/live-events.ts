import type { StudioEvent } from '../studio-api';

/** Sends events to the open pages of the studio. */
export class LiveEvents {
  private readonly listeners = new Set<(event: StudioEvent) => void>();
  private readonly closing = new AbortController();

  /** Signal that aborts when the studio stops, and thereby closes the event streams, which would delay the stop. */
  public get closed(): AbortSignal {
    return this.closing.signal;
  }

  /** Sends an event to every listener. */
  public send(event: StudioEvent): void {
    for (const listener of this.listeners) {
      listener(event);
    }
  }

  /** Adds a listener and returns the function that removes it. */
  public listen(listener: (event: StudioEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Closes all event streams. */
  public close(): void {
    this.closing.abort();
  }
}
