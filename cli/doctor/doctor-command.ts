import { VERSION } from '../../runtime/program/version';
import { findPipeline } from '../stack/deployed-pipeline';
import { escapeControls, type Terminal } from '../terminal';
import { CHECKS, findProblems } from './checks';
import { readFacts } from './facts';

/** Options of the command `doctor`. */
export interface DoctorOptions {
  /** Name of the deployed stack. */
  readonly stack: string;
  /** Service name of the pipeline in the stack. @default - the only pipeline of the stack */
  readonly pipeline?: string;
  /** Print JSON instead of text. */
  readonly json?: boolean;
}

/**
 * Checks a deployed pipeline. Prints each problem and its fix. Changes nothing in the AWS account.
 *
 * @returns the exit code: 1 if a problem has the level `error`, else 0
 * @throws Error if the stack contains no such pipeline or AWS rejects a request
 */
export async function doctor({ stack, pipeline, json = false }: DoctorOptions, { out }: Terminal): Promise<number> {
  const deployed = await findPipeline(stack, pipeline);
  const findings = findProblems(await readFacts(stack, deployed, VERSION));
  const errors = findings.filter(({ level }) => level === 'error').length;
  if (json) {
    out.write(`${JSON.stringify({ stack, pipeline: deployed.name, checks: Object.keys(CHECKS), findings })}\n`);
  } else {
    for (const { id, level, message, fix } of findings) {
      out.write(`${escapeControls(`${level} ${id}: ${message}`)}\n  fix: ${escapeControls(fix)}\n`);
    }
    out.write(
      `${deployed.name}: ${Object.keys(CHECKS).length} checks, ${errors} errors, ${findings.length - errors} warnings\n`,
    );
  }
  return errors > 0 ? 1 : 0;
}
