/** Properties of a warning code. */
export interface WarningCodeDetails {
  /** Cause in Markdown, for the documentation. */
  readonly description: string;
}

/** Every warning code of manifests. Codes are stable: callers' code evaluates them. */
export const WARNING_CODES = {
  truncated: { description: 'The end of the file is missing, but all pixels are present.' },
  corrupt: {
    description:
      'The file violates the rules of its format, but the decoder returned an image. Parts of the image can be wrong.',
  },
  'decoder-warning': {
    description:
      'The decoder reported a warning, such as invalid data. The message contains it. Parts of the image can be wrong.',
  },
  'invalid-focal-point': {
    description: 'The metadata `focal-point` is not a pair of numbers from 0 to 1. The runtime ignores it.',
  },
} as const satisfies Readonly<Record<string, WarningCodeDetails>>;

/** One of {@link WARNING_CODES}. */
export type WarningCode = keyof typeof WARNING_CODES;

/** An unusual property of a source that does not prevent rendering. */
export interface Warning {
  readonly code: WarningCode;
  /** Description for people. */
  readonly message: string;
}
