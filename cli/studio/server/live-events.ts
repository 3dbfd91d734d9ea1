import type { StudioEvent } from '../studio-api';

/** Distributes events to the open pages. */
export class LiveEvents {
  private readonly listeners = new Set<(event: StudioEvent) => void>();
  private readonly closing = new AbortController();

  /** Signal that aborts when the studio stops. The signal closes the event streams. Open streams would delay the stop. */
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

  /** Ends all streams. */
  public close(): void {
    this.closing.abort();
  }
}
