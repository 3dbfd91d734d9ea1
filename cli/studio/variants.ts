/** Compute types whose process model the local pipeline can use: one process, or a service with worker processes. */
export const VARIANTS = ['lambda', 'fargate'] as const;
/** One of {@link VARIANTS}. */
export type Variant = (typeof VARIANTS)[number];
