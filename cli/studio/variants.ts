/** Compute types that the local pipeline can imitate. */
export const VARIANTS = ['lambda', 'fargate'] as const;
/** One of {@link VARIANTS}. */
export type Variant = (typeof VARIANTS)[number];
