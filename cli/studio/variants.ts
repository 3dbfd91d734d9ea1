/** Compute types that the studio simulates: `lambda` renders in one process, `fargate` in worker processes. */
export const VARIANTS = ['lambda', 'fargate'] as const;
/** One of {@link VARIANTS}. */
export type Variant = (typeof VARIANTS)[number];
