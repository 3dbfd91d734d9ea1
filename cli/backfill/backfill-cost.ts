import { backfill, REGIONS, type ComputeName, type Region, type Workload } from '../../cost';
import type { DeployedPipeline } from '../stack/deployed-pipeline';

/** Estimate of the cost of a backfill. */
export interface BackfillCost {
  /** Returns the cost of a number of sources in US dollars. Assumes that no thumbnail set is current. */
  readonly usd: (sources: number) => number;
  /** Sentence about the assumptions of the estimate. */
  readonly assumptions: string;
}

/**
 * Returns the cost model of a deployed pipeline.
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
    // Excludes the cost without images, because the pipeline always causes this cost: metrics and polling of the queue.
    usd: (sources) => costOf(sources) - costOf(0),
    assumptions:
      `${pipeline ? 'the thumbnails of the pipeline' : 'the default thumbnails'} on ${compute}, originals of 10 megapixels, ` +
      `list prices of ${known ?? 'us-east-1'}`,
  };
}
