import { INFECTED_STATUS } from '../contract';
import type { ErrorCode } from '../errors/error-codes';

/**
 * Error codes by value of the tag `GuardDutyMalwareScanStatus`, for all values other than `NO_THREATS_FOUND`.
 *
 * @see https://docs.aws.amazon.com/guardduty/latest/ug/monitor-with-eventbridge-s3-malware-protection.html
 */
export const SCAN_CODES = {
  [INFECTED_STATUS]: 'infected',
  UNSUPPORTED: 'scan-unsupported',
  ACCESS_DENIED: 'scan-denied',
  FAILED: 'scan-failed',
} as const satisfies Readonly<Record<string, ErrorCode>>;

/** Code of an object that the malware scan blocks. */
export type ScanCode = (typeof SCAN_CODES)[keyof typeof SCAN_CODES];
