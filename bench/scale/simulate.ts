import { Heap } from './heap';

// Local constants, because global variables are slow in the sandbox of the test runner.
const { ceil, cos, exp, floor, imul, log, max, min, PI, sqrt } = Math;

/** Compute of a simulation: the number of images that it processes at the same time. */
export interface SimulatedCompute {
  /** Mean seconds of one image in one slot, without waiting for S3 throttling. */
  readonly serviceSeconds: number;
  /** Seconds before a new slot processes its first image. */
  readonly startSeconds: number;
  /** Seconds between two scaling decisions. */
  readonly scalingSeconds: number;
  /** Returns the number of slots after a scaling decision. */
  slots(state: { readonly seconds: number; readonly backlog: number; readonly slots: number }): number;
}

/** Input of a simulation. */
export interface Scenario {
  readonly images: number;
  /** Images that arrive per second, until all have arrived. */
  readonly arrivalsPerSecond: number;
  readonly compute: SimulatedCompute;
  /** `PUT` requests of one image. */
  readonly putsPerImage: number;
  /** `PUT` requests per second that the object store accepts. */
  readonly putsPerSecond: number;
  /** Number of images that one simulated event represents. @default 1 */
  readonly quantum?: number;
  readonly seed: number;
}

/** State of the queue at one moment. */
export interface Sample {
  readonly seconds: number;
  /** Images that wait or are processed. */
  readonly backlog: number;
  /** Seconds that the oldest waiting image has waited. */
  readonly age: number;
  readonly slots: number;
}

/** Result of a simulation. */
export interface Simulation {
  readonly samples: readonly Sample[];
  /** Seconds until the last image is complete. */
  readonly seconds: number;
  /** Sum of the seconds that all images spend in slots, including waits for the object store. */
  readonly busySeconds: number;
  /** Sum of the seconds of all slots, idle or busy. */
  readonly slotSeconds: number;
  readonly peakSlots: number;
  readonly peakBacklog: number;
  readonly peakAge: number;
  /** Share of the images that waited for the object store. */
  readonly throttled: number;
}

/** Seconds between two decisions of the simulation to start waiting images. */
const TICK_SECONDS = 0.25;
/**
 * Standard deviation of the logarithm of the service time. With this value, the slowest of 16 photos takes 2.5 times
 * the median.
 */
const SPREAD = 0.5;

/**
 * Simulates queue, compute and object store event by event. The same seed gives the same result.
 *
 * Images arrive at a constant rate and are processed in order. A slot processes one image at a time, in a time with a
 * lognormal distribution. The object store accepts a limited number of `PUT` requests per second and delays all further ones.
 */
export function simulate(scenario: Scenario): Simulation {
  const { compute, arrivalsPerSecond, putsPerImage, putsPerSecond, quantum = 1 } = scenario;
  const jobs = ceil(scenario.images / quantum);
  const random = randomNumbers(scenario.seed);
  const finishes = new Heap();
  const samples: Sample[] = [];
  const arrivedUntil = (seconds: number): number => min(jobs, floor((seconds * arrivalsPerSecond) / quantum + 1e-9));
  const arrivalOf = (job: number): number => ((job + 1) * quantum) / arrivalsPerSecond;
  let [started, done, slots, pending, storeFree, throttled] = [0, 0, 0, 0, 0, 0];
  let [busySeconds, slotSeconds, peakSlots, peakBacklog, peakAge, end] = [0, 0, 0, 0, 0, 0];
  let [nextScaling, pendingAt] = [0, Infinity];
  const sampleSeconds = max(1, scenario.images / arrivalsPerSecond / 1e4);
  let nextSample = 0;

  const start = (now: number): void => {
    const job = started++;
    const service = quantum * compute.serviceSeconds * lognormal(random, SPREAD / sqrt(quantum));
    const rendered = max(now, arrivalOf(job)) + service;
    const accepted = max(storeFree, rendered - service) + (quantum * putsPerImage) / putsPerSecond;
    storeFree = accepted;
    throttled += accepted > rendered ? 1 : 0;
    const finish = max(rendered, accepted);
    busySeconds += finish - now;
    finishes.push(finish);
  };

  for (let now = 0; done < jobs; now += TICK_SECONDS) {
    // A slot that becomes free between two ticks starts the next image at once.
    for (let finish = finishes.peek(); finish !== undefined && finish <= now; finish = finishes.peek()) {
      finishes.pop();
      done += 1;
      end = finish;
      if (started < arrivedUntil(finish) && finishes.size < slots) {
        start(finish);
      }
    }
    const backlog = (arrivedUntil(now) - done) * quantum;
    if (now >= pendingAt) {
      [slots, pendingAt] = [pending, Infinity];
    }
    if (now >= nextScaling) {
      nextScaling += compute.scalingSeconds;
      const wanted = compute.slots({ seconds: now, backlog, slots: max(slots, pending) });
      if (wanted > max(slots, pending)) {
        [pending, pendingAt] = [wanted, min(pendingAt, now + compute.startSeconds)];
      }
    }
    while (finishes.size < slots && started < arrivedUntil(now)) {
      start(now);
    }
    slotSeconds += slots * TICK_SECONDS;
    peakSlots = max(peakSlots, slots);
    peakBacklog = max(peakBacklog, backlog);
    const age = started < arrivedUntil(now) ? now - arrivalOf(started) : 0;
    peakAge = max(peakAge, age);
    if (now >= nextSample) {
      nextSample += sampleSeconds;
      samples.push({ seconds: now, backlog, age, slots });
    }
  }
  return {
    samples,
    seconds: end,
    busySeconds,
    slotSeconds,
    peakSlots,
    peakBacklog,
    peakAge,
    throttled: throttled / jobs,
  };
}

/** Returns a generator of uniform random numbers (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Returns a lognormal number with mean 1. */
function lognormal(random: () => number, deviation: number): number {
  const normal = sqrt(-2 * log(1 - random())) * cos(2 * PI * random());
  return exp(deviation * normal - deviation ** 2 / 2);
}
