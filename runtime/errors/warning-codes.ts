/** Properties of a warning code. */
export interface WarningCodeDetails {
  /** Cause of the warning in Markdown. The documentation contains this text. */
  readonly description: string;
}

/** All warning codes in manifests. A code never changes, because clients evaluate codes. */
export const WARNING_CODES = {
  truncated: { description: 'The end of the file is missing, but all pixels are present.' },
  corrupt: {
    description:
      'The file violates the rules of its format, but the decoder returned an image. Parts of the image can be wrong.',
  },
  'decoder-warning': {
    description:
      'The decoder reported a problem, such as invalid data, which `message` describes. Parts of the image can be wrong.',
  },
  'invalid-focal-point': {
    description: 'The metadata `focal-point` is not a pair of numbers from 0 to 1. The runtime ignores it.',
  },
} as const satisfies Readonly<Record<string, WarningCodeDetails>>;

/** One of {@link WARNING_CODES}. */
export type WarningCode = keyof typeof WARNING_CODES;

/** A warning about an unusual property of a source. Rendering continues despite the property. */
export interface Warning {
  readonly code: WarningCode;
  /** Human-readable description of the property. */
  readonly message: string;
}
