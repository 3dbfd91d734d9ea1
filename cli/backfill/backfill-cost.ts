import { backfill, REGIONS, type ComputeName, type Region, type Workload } from '../../cost';
import type { DeployedPipeline } from '../stack/deployed-pipeline';

/** Estimate of the cost of a backfill. */
export interface BackfillCost {
  /** Returns the cost in US dollars for a number of sources. Assumes that the pipeline renders all these sources. */
  readonly usd: (sources: number) => number;
  /** Sentence about the assumptions of the estimate. */
  readonly assumptions: string;
}

/**
 * Returns the estimate of the cost of a backfill.
 *
 * @param pipeline pipeline with its thumbnails; undefined for the default thumbnails on Lambda
 */
export function backfillCost(region: string, pipeline: DeployedPipeline | undefined): BackfillCost {
  const known: Region | undefined = REGIONS.find((candidate) => candidate === region);
  const compute: ComputeName = pipeline?.kind === 'service' ? 'fargate' : 'lambda';
  const workload: Partial<Workload> = {
    ...(known && { region: known }),
    ...(pipeline && { thumbnails: pipeline.settings.thumbnails }),
  };
  const costOf = (sources: number): number => {
    const { usd, stateMachineUsd } = backfill(sources, compute, 1, workload);
    return usd.expected + stateMachineUsd;
  };
  return {
    // Subtracts the cost of metrics and of polling the queue, because a pipeline has this cost even without a backfill.
    usd: (sources) => costOf(sources) - costOf(0),
    assumptions:
      `${pipeline ? 'the thumbnails of the pipeline' : 'the default thumbnails'} on ${compute}, originals of 10 megapixels, ` +
      `list prices of ${known ?? 'us-east-1'}`,
  };
}
