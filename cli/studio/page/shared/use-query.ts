import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { messageOf } from './requests';

/** State of a query that {@link useQuery} runs. */
export interface Query<Result> {
  readonly result: Result | undefined;
  readonly error: string | undefined;
  readonly isLoading: boolean;
  /** Runs the query again. Several calls within `RELOAD_INTERVAL_MS` cause a single query. */
  readonly reload: () => void;
}

/** Minimum interval between two reloads of a query, in milliseconds. */
const RELOAD_INTERVAL_MS = 250;

/**
 * Runs a query immediately and after each change of `inputs`. Returns the previous result until the new query is complete.
 *
 * @param inputs text that contains all parameters of the query; a different text starts a new query
 */
export function useQuery<Result>(inputs: string, run: (signal: AbortSignal) => Promise<Result>): Query<Result> {
  const [state, setState] = useState<Omit<Query<Result>, 'reload'>>({
    result: undefined,
    error: undefined,
    isLoading: true,
  });
  const [version, setVersion] = useState(0);
  const latest = useRef(run);
  latest.current = run;
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => {
    const abort = new AbortController();
    setState((previous) => ({ ...previous, isLoading: true }));
    latest.current(abort.signal).then(
      (result) => !abort.signal.aborted && setState({ result, error: undefined, isLoading: false }),
      (error: unknown) =>
        !abort.signal.aborted && setState((previous) => ({ ...previous, error: messageOf(error), isLoading: false })),
    );
    return () => abort.abort();
  }, [inputs, version]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const reload = useCallback(() => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      setVersion((previous) => previous + 1);
    }, RELOAD_INTERVAL_MS);
  }, []);
  return { ...state, reload };
}
