import { mapParallel } from '../../runtime/pipeline';
import { CheckSkipped } from './check';
import { ACCESS_CHECKS } from './checks/access-checks';
import { DISTRIBUTION_CHECKS } from './checks/distribution-checks';
import { HTTP_CHECKS } from './checks/http-checks';
import { FINAL_CHECKS, OPERATION_CHECKS } from './checks/operation-checks';
import { REJECTION_CHECKS } from './checks/rejection-checks';
import { SOURCE_CHECKS } from './checks/source-checks';
import type { Check, VerifyRun } from './verify-run';

/** Checks that run concurrently. */
const PARALLEL_CHECKS = {
  ...SOURCE_CHECKS,
  ...REJECTION_CHECKS,
  ...HTTP_CHECKS,
  ...ACCESS_CHECKS,
  ...OPERATION_CHECKS,
  ...DISTRIBUTION_CHECKS,
} as const satisfies Readonly<Record<string, Check>>;

/** All checks by id. The id of a check never changes. */
export const ALL_CHECKS = { ...PARALLEL_CHECKS, ...FINAL_CHECKS } as const;

/** Stable id of a check. */
export type VerifyCheckId = keyof typeof ALL_CHECKS;

/** Result of a check. */
export interface CheckResult {
  readonly id: VerifyCheckId;
  readonly title: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  /** Details of a passed check, description of a failure, or reason why the command has skipped the check. */
  readonly message: string;
  readonly milliseconds: number;
}

/** Number of checks that run concurrently. */
const CONCURRENCY = 4;

/**
 * Runs all checks. After an interruption by the user, skips the checks that have not started.
 *
 * @param report receives the result of each check
 */
export async function runChecks(run: VerifyRun, report: (result: CheckResult) => void): Promise<CheckResult[]> {
  const runOne = async ([id, check]: [string, Check]): Promise<CheckResult> => {
    const result = await runCheck(run, id as VerifyCheckId, check);
    report(result);
    return result;
  };
  const results = await mapParallel(Object.entries<Check>(PARALLEL_CHECKS), CONCURRENCY, runOne);
  for (const entry of Object.entries<Check>(FINAL_CHECKS)) {
    results.push(await runOne(entry));
  }
  return results;
}

/** Runs one check. The result of a check is `failed` after every error except {@link CheckSkipped}. */
export async function runCheck(run: VerifyRun, id: VerifyCheckId, check: Check): Promise<CheckResult> {
  const start = performance.now();
  const result = (status: CheckResult['status'], message: string): CheckResult => ({
    id,
    title: check.title,
    status,
    message,
    milliseconds: Math.round(performance.now() - start),
  });
  if (run.options.signal.aborted) {
    return result('skipped', 'interrupted');
  }
  try {
    return result('passed', await check.run(run));
  } catch (error) {
    const { message } = error as Error;
    return result(error instanceof CheckSkipped ? 'skipped' : 'failed', message);
  }
}
